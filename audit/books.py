"""Books: every database as it stands at one moment, read in the order of its subjects.

One read-only snapshot a database. Subjects come by ranges of ids, no more than some thousand at a time, so that
memory does not depend on how many there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from audit.dossier import Dossier, Place, dossiers
from audit.folds import Read
from audit.rows import TABLES, Table
from audit.where import CouldNotLook, Where

RANGE = 1000
"""Subjects of one service that are read at a time."""
LOWEST, HIGHEST = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
_SETTINGS = {
    "application_name": "audit",
    "default_transaction_read_only": "on",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
}
_NEXT = "select subject_id::text from heads where subject_id > $1 order by subject_id offset $2 limit 1"
Lost = (ConnectionError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""How a connection ends. Other errors of the system are of whoever looks: a file, a full disk."""
Away = (OSError, *Lost)
"""How a connection does not begin."""


class Books:
    """Open snapshots of all databases."""

    def __init__(self, connections: Mapping[str, Any], now: datetime) -> None:
        self._connections, self.now = connections, now

    async def ranges(self) -> AsyncIterator[list[Dossier]]:
        """All subjects in order, some thousand at a time; the next are fetched while these are looked at."""
        low: str | None = LOWEST
        coming = asyncio.ensure_future(self._range(LOWEST))
        try:
            while low is not None:
                found, low = await coming
                if low is not None:
                    coming = asyncio.ensure_future(self._range(low))
                yield found
        finally:
            coming.cancel()  # whoever looks has stopped looking

    async def _range(self, low: str) -> tuple[list[Dossier], str | None]:
        """The subjects from one on, and where the next range begins; nothing after the last."""
        following = await asyncio.gather(
            *(each.fetchval(_NEXT, low, RANGE) for each in self._connections.values())
        )
        high = min((each for each in following if each), default=None)
        found = await asyncio.gather(*(self._rows(service, low, high) for service in self._connections))
        return dossiers([each for of_service in found for each in of_service], self.now), high

    async def _rows(self, service: str, low: str, high: str | None) -> list[tuple[Place, list[Any]]]:
        connection, found = self._connections[service], []
        for table in TABLES:
            if service in table.services:
                rows = await connection.fetch(_query(table, high), low, *([high] if high else []))
                found.append(((service, table.name), [table.make(*row) for row in rows]))
        return found

    async def each(self, read: Read) -> None:
        """The rows of a table that belong to no subject, one by one."""
        async for row in self._connections[read.service].cursor(read.query, prefetch=2000):
            read.keep(*row)


def _query(table: Table, high: str | None) -> str:
    bound = f" and {table.key} < $2" if high else ""
    columns = f"{table.key}::text, {table.columns}"
    return f"select {columns} from {table.name} where {table.key} >= $1{bound}"  # noqa: S608 - names of our own


async def connect(where: Where, service: str) -> Any:
    """A connection that cannot write."""
    try:
        return await asyncpg.connect(where.databases[service], timeout=10, server_settings=_SETTINGS)
    except Away as error:
        raise CouldNotLook(f"the database of {service}: {type(error).__name__} {error}") from error


@asynccontextmanager
async def open_books(where: Where) -> AsyncIterator[Books]:
    """Snapshots of all databases, taken together."""
    async with AsyncExitStack() as stack:
        connections = {}
        for service in where.databases:
            connections[service] = await connect(where, service)
            stack.push_async_callback(connections[service].close)
        try:
            moments = await asyncio.gather(*(_snapshot(each) for each in connections.values()))
            yield Books(connections, max(moments))
        except Lost as error:
            raise CouldNotLook(f"a database went away: {type(error).__name__} {error}") from error


async def _snapshot(connection: Any) -> datetime:
    await connection.execute("begin isolation level repeatable read read only")
    moment: datetime = await connection.fetchval("select now()")
    return moment
