"""Filing: first facts, said from memory by the process that stored them.

A filing's head, fact and outbox row are stored in one transaction. After the commit the fact is said from memory,
and a moment later its outbox row is deleted, with those of other filings; if the process dies in between, the relay
says it once the row is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts.envelope import REQUEST, Event, Fact
from shared.runtime import telemetry
from shared.runtime.books import SQL, Books
from shared.runtime.bus import Bus
from shared.runtime.facts import make_fact
from shared.runtime.heads import Head
from shared.runtime.loops import Errand, rest

GRACE = timedelta(seconds=5)
"""How long the relay leaves a first fact to the process that stored it."""
REST = 0.2
"""Seconds that rows of what is said may lie: a transaction then takes away those of many filings."""
MEMORY = 32 * 1024 * 1024
"""Bytes of facts kept in memory at the most, as while the broker is away; the rest is left to the relay."""


class Filing:
    """One transaction of first filings."""

    def __init__(self, connection: AsyncConnection, now: datetime, service: str, books: Books = SQL) -> None:
        self.connection, self.now, self._service, self._books = connection, now, service, books
        self.made: list[Fact] = []
        self.events: Sequence[Event] = ()

    async def file(self, events: Sequence[Event], traces: Sequence[str] | None = None) -> None:
        """Store the first facts of declarations that nobody knows yet, each with its own trace."""
        heads = {event.subject: Head(event.subject) for event in events}
        given = traces or [telemetry.traceparent()] * len(events)
        self.events = events
        self.made = [
            make_fact(self._service, event, heads[event.subject], REQUEST, now=self.now, trace=trace)
            for event, trace in zip(events, given, strict=True)
        ]
        await self._books.insert_heads(self.connection, heads.values(), ())
        await self._books.insert_facts(self.connection, self.made)
        await self._books.insert_outbox(self.connection, self.made, self.now + GRACE)


class FirstSayer:
    """Says stored first facts from memory, a batch at a time, and deletes their outbox rows."""

    def __init__(self, engine: AsyncEngine, bus: Bus, service: str, books: Books = SQL) -> None:
        self._engine, self._bus, self._service, self._books = engine, bus, service, books
        self._pending: list[Fact] = []
        self._bytes = 0
        self._said: list[Fact] = []
        self._saying, self._clearing = Errand(self._say), Errand(self._clear)
        self._closing = asyncio.Event()

    @asynccontextmanager
    async def filing(self) -> AsyncIterator[Filing]:
        """A transaction; what it filed is said after its commit."""
        async with self._books.begin(self._engine) as connection:
            now = await self._books.transaction_time(connection)
            filing = Filing(connection, now, self._service, self._books)
            yield filing
        telemetry.made(self._service, filing.events)
        telemetry.kept(filing.made)
        self._remember(filing.made)
        if self._pending:
            self._saying.begin()

    def _remember(self, made: Sequence[Fact]) -> None:
        size = sum(len(fact.body) for fact in made)
        if self._bytes + size <= MEMORY:
            self._pending += made
            self._bytes += size

    async def _say(self) -> None:
        while self._pending:
            batch, self._pending = self._pending[:1000], self._pending[1000:]
            self._bytes -= sum(len(fact.body) for fact in batch)
            try:
                await self._bus.say([(fact, None) for fact in batch])
            except Exception as error:
                self._leave(batch, error)
                continue
            self._said += batch
            self._clearing.begin()

    async def _clear(self) -> None:
        """Delete the rows of what is said; of what is said meanwhile, too."""
        while self._said:
            await rest(self._closing, REST)
            await self._delete()

    async def _delete(self) -> None:
        said, self._said = self._said, []
        try:
            async with self._books.begin(self._engine) as connection:
                await self._books.delete_outbox(connection, said)
        except Exception as error:
            self._leave(said, error)

    def _leave(self, facts: Sequence[Fact], error: Exception) -> None:
        telemetry.log("filing").warning("left to the relay", facts=len(facts), error=str(error)[:300])

    async def close(self) -> None:
        """Say what is pending, and take its rows away."""
        self._closing.set()
        await self._saying.end()
        await self._clearing.end()
