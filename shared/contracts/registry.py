"""What registry says: parties, keys, revocations. Keyed by the code's UUID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.contracts.envelope import RegistryEvent

Role = Literal["seller", "platform", "payment_firm", "carrier", "agent", "officer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRegistered(RegistryEvent):
    """A party, as it stands now; a later one of the same code replaces it."""

    name: str
    roles: tuple[Role, ...]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeyPublished(RegistryEvent):
    """A public key that tokens are checked with; `code` is the key id."""

    public_key: str
    """Ed25519, 32 bytes, base64url without padding (JWK `x`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRevoked(RegistryEvent):
    """Tokens of the client `code` are void, and it gets no more."""

    revoked_at: datetime
