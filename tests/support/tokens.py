"""Tokens: good ones, and ones with anything wrong."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.runtime.access import AUDIENCE, ISSUER, TokenVerifier

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
MISSING = object()


def public_text(key: Ed25519PrivateKey) -> str:
    return base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()


def some_claims(**changes: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "seller0001",
        "party": "SELLER0001",
        "roles": ["seller"],
        "scope": "declarations:read declarations:write",
        "iat": at,
        "nbf": at,
        "exp": at + 3600,
        "jti": "1",
    } | changes
    return {name: value for name, value in claims.items() if value is not MISSING}


def a_token(key: Any = KEY, alg: str = "EdDSA", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(some_claims(**changes), key, algorithm=alg, headers={"kid": "k1"} | (headers or {}))


def bearer(**changes: Any) -> dict[str, str]:
    """The header of a token that is good now, and for longer than the whole suite runs."""
    at = int(time.time())
    return {"Authorization": f"Bearer {a_token(iat=at, nbf=at, exp=at + 21_600, **changes)}"}


def without(claim: str) -> str:
    changes: dict[str, Any] = {claim: MISSING}
    return a_token(**changes)


def hand_made(header: dict[str, Any], claims: Any, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def a_verifier(**options: Any) -> TokenVerifier:
    verifier = TokenVerifier(**options)
    verifier.add_key("k1", public_text(KEY))
    return verifier
