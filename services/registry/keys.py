"""The signing key: made once, kept in a file.

The file is 0600 and appears whole or not at all, also when two replicas start at once; its id is the
RFC 7638 thumbprint of the public key. To rotate, move the file away and start again: the old public key stays
published.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key that signs tokens."""

    private: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """32 bytes, base64url without padding (JWK `x`)."""
        return jwt.utils.base64url_encode(self.private.public_key().public_bytes_raw()).decode()

    @property
    def key_id(self) -> str:
        """The RFC 7638 thumbprint."""
        canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{self.public_key}"}}'
        return jwt.utils.base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()

    def sign(self, claims: Mapping[str, object]) -> str:
        """The claims as a JWT."""
        return jwt.encode(dict(claims), self.private, algorithm="EdDSA", headers={"kid": self.key_id})


def open_key(path: Path) -> SigningKey:
    """The key in a file; made there if there is none."""
    if not path.exists():
        _make_key(path)
    return SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii"))))


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another replica was faster: its key is the key
    finally:
        draft.unlink()


def jwk_of(key_id: str, public_key: str) -> dict[str, str]:
    """A public key as an RFC 8037 JWK."""
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key_id, "x": public_key}
