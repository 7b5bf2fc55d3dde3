"""Registry store: parties, clients, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.domain import Client, Party
from shared.runtime.database import insert_rows, upsert_rows

_METADATA = sa.MetaData()
parties = sa.Table(
    "parties",
    _METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)
clients = sa.Table(
    "clients",
    _METADATA,
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("party", sa.Text, nullable=False, index=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
)
signing_keys = sa.Table(
    "signing_keys",
    _METADATA,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("public_key", sa.Text, nullable=False),
)


class SqlRegister:
    """The register, bound to one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def parties(self, codes: Sequence[str]) -> dict[str, Party]:
        """Those of these parties that are registered."""
        found = await self.connection.execute(sa.select(parties).where(parties.c.code.in_(codes)))
        return {row.code: _party(row) for row in found}

    async def page_of_parties(self, *, role: str, after: str, limit: int) -> list[Party]:
        """Parties after a code, in the order of their codes; of one role, or of any when it is empty."""
        asked = sa.select(parties).where(parties.c.code > after)
        if role:
            asked = asked.where(sa.literal(role) == sa.any_(parties.c.roles))
        found = await self.connection.execute(asked.order_by(parties.c.code).limit(limit))
        return [_party(row) for row in found]

    async def save_parties(self, changed: Sequence[Party]) -> None:
        """Insert or replace."""
        rows = [
            {"code": party.code, "name": party.name, "roles": list(party.roles), "active": party.active}
            for party in changed
        ]
        await upsert_rows(self.connection, parties, rows, key=("code",))

    async def clients(self, client_ids: Sequence[str]) -> dict[str, Client]:
        """Those of these clients that are registered."""
        found = await self.connection.execute(sa.select(clients).where(clients.c.client_id.in_(client_ids)))
        return {row.client_id: _client(row) for row in found}

    async def clients_of(self, party: str) -> list[Client]:
        """Every client of a party."""
        asked = sa.select(clients).where(clients.c.party == party).order_by(clients.c.client_id)
        return [_client(row) for row in await self.connection.execute(asked)]

    async def save_clients(self, changed: Sequence[Client]) -> None:
        """Insert or replace."""
        rows = [
            {
                "client_id": client.client_id,
                "party": client.party,
                "secret_hash": client.secret_hash,
                "scopes": list(client.scopes),
                "revoked_at": client.revoked_at,
            }
            for client in changed
        ]
        await upsert_rows(self.connection, clients, rows, key=("client_id",))

    async def keys(self) -> dict[str, str]:
        """Every key published: id and public key."""
        found = await self.connection.execute(sa.select(signing_keys))
        return {row.key_id: row.public_key for row in found}

    async def save_keys(self, keys: dict[str, str]) -> None:
        """Insert."""
        rows = [{"key_id": key_id, "public_key": public_key} for key_id, public_key in keys.items()]
        await insert_rows(self.connection, signing_keys, rows)


def _party(row: sa.Row[Any]) -> Party:
    return Party(code=row.code, name=row.name, roles=tuple(row.roles), active=row.active)


def _client(row: sa.Row[Any]) -> Client:
    return Client(
        client_id=row.client_id,
        party=row.party,
        secret_hash=row.secret_hash,
        scopes=tuple(row.scopes),
        revoked_at=row.revoked_at,
    )
