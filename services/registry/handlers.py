"""Registry handlers: parties, clients, keys.

What stands already as it is ordered changes nothing and says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from services.registry.domain import (
    Client,
    Party,
    PublishKey,
    RegisterClient,
    RegisterParty,
    RevokeClient,
    admit,
)
from shared.contracts.envelope import AnyEvent
from shared.contracts.registry import ClientRevoked, PartyRegistered, SigningKeyPublished
from shared.kernel.refusal import Refusal


class Register(Protocol):
    """Parties, clients and keys, by their codes."""

    async def parties(self, codes: Sequence[str]) -> dict[str, Party]:
        """Those of these parties that are registered."""

    async def save_parties(self, parties: Sequence[Party]) -> None:
        """Insert or replace."""

    async def clients(self, client_ids: Sequence[str]) -> dict[str, Client]:
        """Those of these clients that are registered."""

    async def save_clients(self, clients: Sequence[Client]) -> None:
        """Insert or replace."""

    async def keys(self) -> dict[str, str]:
        """Every key published: id and public key."""

    async def save_keys(self, keys: dict[str, str]) -> None:
        """Insert."""


async def on_parties_registered(
    batch: Sequence[RegisterParty], register: Register, _now: datetime
) -> list[AnyEvent]:
    """Parties stand as ordered from now on."""
    known = await register.parties([order.party.code for order in batch])
    meant = [order for order in batch if not (order.is_first and order.party.code in known)]
    changed = [order.party for order in meant if order.party != known.get(order.party.code)]
    await register.save_parties(changed)
    return [
        PartyRegistered(code=party.code, name=party.name, roles=party.roles, active=party.active)
        for party in changed
    ]


async def on_clients_registered(
    batch: Sequence[RegisterClient], register: Register, _now: datetime
) -> list[AnyEvent]:
    """Clients are let in; nobody else needs to know them before they show a token."""
    known = await register.clients([order.client.client_id for order in batch])
    parties = await register.parties([order.client.party for order in batch])
    admitted = [
        admit(order, known.get(order.client.client_id), parties.get(order.client.party)) for order in batch
    ]
    await register.save_clients([client for client in admitted if client])
    return []


async def on_clients_revoked(
    batch: Sequence[RevokeClient], register: Register, now: datetime
) -> list[AnyEvent]:
    """Clients get no more tokens; the ones they have are void as soon as every service has heard it."""
    known = await register.clients([order.client_id for order in batch])
    for order in batch:
        if order.client_id not in known:
            detail = f"there is no client {order.client_id}"
            raise Refusal("E-NOT-FOUND", detail, status=404, fix="see GET /v1/clients?party=...")
    revoked = [replace(client, revoked_at=now) for client in known.values() if client.revoked_at is None]
    await register.save_clients(revoked)
    return [ClientRevoked(code=client.client_id, revoked_at=now) for client in revoked]


async def on_keys_published(
    batch: Sequence[PublishKey], register: Register, _now: datetime
) -> list[AnyEvent]:
    """A new key is known to all before long; an old one is said only once."""
    known = await register.keys()
    fresh = {order.key_id: order.public_key for order in batch if order.key_id not in known}
    await register.save_keys(fresh)
    return [SigningKeyPublished(code=key_id, public_key=public_key) for key_id, public_key in fresh.items()]


SUBSCRIPTIONS: dict[type[AnyEvent], Any] = {}
