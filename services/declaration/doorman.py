"""Doorman: how many filings the door refused.

What is refused at the door leaves no declaration behind, so it is counted where it happens: in memory, and added to
the table about once a second. A replica that is killed forgets that second at the most. Busy (429) and away (503) do
not count: such a filing is to be sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kernel.refusal import Refusal
from shared.runtime.loops import Loop

NAME = "refused_at_the_door"
_ADD = sa.text(
    """insert into tallies (name, slot, n) values (:name, pg_backend_pid() % 16, :n)
       on conflict (name, slot) do update set n = tallies.n + excluded.n"""
)
_SUM = sa.text("select coalesce(sum(n), 0)::bigint from tallies where name = :name")


class Doorman:
    """Counts for one replica; the table has the sum of all."""

    def __init__(self) -> None:
        self.fresh = 0
        """Counted, and not kept yet."""
        self._engine: AsyncEngine | None = None
        self._loop = Loop("doorman", self.keep)
        self._task: asyncio.Task[None] | None = None

    def begin(self, engine: AsyncEngine) -> None:
        """The database is there: keep what is counted, from now on."""
        self._engine = engine
        self._task = asyncio.create_task(self._loop.run())

    async def end(self) -> None:
        """Keep what is left."""
        self._loop.stop()
        if self._task is not None:
            await self._task
            await self.keep()

    def note(self, refusal: Refusal) -> None:
        """A filing was answered with this."""
        if HTTPStatus.BAD_REQUEST <= refusal.status < 500 and refusal.status != HTTPStatus.TOO_MANY_REQUESTS:
            self.fresh += 1

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note the refusal that ends what is done inside."""
        try:
            yield
        except Refusal as refusal:
            self.note(refusal)
            raise

    async def keep(self) -> bool:
        """Add what is new to the table; if that fails it is new still."""
        counted = self.fresh
        if counted and self._engine is not None:
            async with self._engine.begin() as connection:
                await connection.execute(_ADD, {"name": NAME, "n": counted})
            self.fresh -= counted
        return False


async def refused_at_the_door(connection: AsyncConnection) -> int:
    """How many filings every replica has refused and kept count of."""
    count: int = (await connection.execute(_SUM, {"name": NAME})).scalar_one()
    return count
