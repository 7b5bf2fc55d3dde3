"""Verification: a permit checked without us.

Pure: the signed permit and the published keys are all it needs, so anybody can run it, with no connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec

ALGORITHM = "EdDSA"
TYPE = "permit+jose"


class NotGenuine(ValueError):
    """The permit is not what it claims to be: {reason}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A permit whose signature and hash hold."""

    permit_no: str
    key_id: str
    covers_sha256: str
    content: Mapping[str, Any]
    """What the permit covers."""


def verify(jws: str, jwks: Mapping[str, Any]) -> Verified:
    """The permit of a compact JWS, if one of these keys signed every byte of it; raises `NotGenuine`."""
    key_id = _header(jws).get("kid")
    key = _key(jwks, key_id)
    try:
        opened = jwt.api_jws.decode_complete(jws.encode(), key, algorithms=[ALGORITHM])
        content = msgspec.json.decode(opened["payload"])
        permit_no = content["permit"]["permit_no"]
    except (jwt.PyJWTError, msgspec.MsgspecError, UnicodeError, KeyError, TypeError, RecursionError) as error:
        raise NotGenuine(f"signature or content is broken: {error}") from error
    covers_sha256 = hashlib.sha256(opened["payload"]).hexdigest()
    if opened["header"].get("covers_sha256") != covers_sha256:
        raise NotGenuine("the hash in the header is not the hash of the content")
    return Verified(permit_no=permit_no, key_id=str(key_id), covers_sha256=covers_sha256, content=content)


def _header(jws: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = jwt.get_unverified_header(jws)
    except (jwt.PyJWTError, UnicodeError) as error:
        raise NotGenuine(f"this is no compact JWS: {error}") from error
    if header.get("typ") != TYPE:
        raise NotGenuine("this signs something else than a permit")
    return header


def _key(jwks: Mapping[str, Any], key_id: object) -> jwt.PyJWK:
    for key in jwks.get("keys", ()):
        if isinstance(key, dict) and key.get("kid") == key_id:
            return jwt.PyJWK(key, algorithm=ALGORITHM)
    raise NotGenuine(f"no published key is called {key_id!r}")
