"""Signing: the keys of permits.

Each key is a file `permit-key-<nnnn>.pem` (Ed25519, PKCS 8, mode 0600) in the folder of secrets. The first use
makes the first one, but never beside permits that were issued; who comes second reads what the first has written. A
file that cannot be read is passed over and told in the log. To change keys put a higher number beside the old file
and start again: new permits name the new key, and the old one goes on serving those that name it. An Ed25519
signature is deterministic, so it is made when a permit is read, and is always the same.
"""

from __future__ import annotations

import base64
import hashlib
import os
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.clearance.verification import ALGORITHM, TYPE
from shared.runtime.telemetry import log

PATTERN = "permit-key-*.pem"
FIRST = "permit-key-0001.pem"


class Keyring:
    """The private keys of a folder by id; the current one signs what is issued now."""

    def __init__(self, folder: Path, *, waits: bool = False) -> None:
        """Who `waits` uses and makes no key before `open` says whether there are permits."""
        self._folder, self._waits = folder, waits

    @cached_property
    def _at_start(self) -> dict[str, Ed25519PrivateKey]:
        if self._waits:  # an OSError, as below
            raise FileNotFoundError("the permit keys are not opened yet")
        self._folder.mkdir(parents=True, exist_ok=True)
        if not any(self._folder.glob(PATTERN)):
            _make(self._folder / FIRST)
        keys = self._readable()
        if not keys:  # an OSError: what needs a key waits for it, and nothing is parked
            raise FileNotFoundError(f"none of the permit keys ({PATTERN}) can be read: put back a whole one")
        return keys

    def open(self, *, is_first: bool) -> None:
        """Read the keys at the start; the first is made only where no permit was issued under another."""
        if not is_first and not any(self._folder.glob(PATTERN)):
            raise FileNotFoundError(
                f"{PATTERN} is missing beside permits that were signed with it: put it back"
            )
        self._waits = False
        self.current()

    def _readable(self) -> dict[str, Ed25519PrivateKey]:
        """What is there now; a file that is still being put there takes nothing away from the others."""
        keys = {}
        for path in sorted(self._folder.glob(PATTERN)):
            try:
                key = _read(path)
            except (OSError, ValueError, TypeError) as error:
                log("clearance").warning("a permit key cannot be read", file=path.name, error=str(error))
            else:
                keys[thumbprint(key)] = key
        return keys

    def current(self) -> str:
        """The id of the key that was the newest readable one at the start."""
        return list(self._at_start)[-1]

    def sign(self, key_id: str, content: bytes) -> str:
        """The compact JWS of a permit's content; another replica may have issued it under a key that came since."""
        headers = {"kid": key_id, "typ": TYPE, "covers_sha256": hashlib.sha256(content).hexdigest()}
        key = self._at_start.get(key_id) or self._readable()[key_id]
        return jwt.api_jws.encode(content, key, ALGORITHM, headers, sort_headers=True)

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys that are there now, as a JWK set (RFC 8037)."""
        keys = self._at_start | self._readable()
        return {"keys": [{**_jwk(key), "kid": key_id} for key_id, key in keys.items()]}


def thumbprint(key: Ed25519PrivateKey) -> str:
    """The id of a key: its JWK thumbprint (RFC 7638)."""
    members = {name: value for name, value in _jwk(key).items() if name in ("crv", "kty", "x")}
    return _base64url(hashlib.sha256(msgspec.json.encode(members, order="sorted")).digest())


def _jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(raw), "alg": ALGORITHM, "use": "sig"}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _make(path: Path) -> None:
    """Write a new key whole, and only if nobody else has: a link never replaces a file."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_suffix(f".{token_hex(8)}")  # in containers every replica has the same process id
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name} is no Ed25519 key")
    return key
