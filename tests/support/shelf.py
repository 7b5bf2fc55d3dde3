"""Shelf: the runtime's books, and the database they stand in, asked in the same words whichever they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.contracts.envelope import REQUEST, Cause, Fact
from shared.runtime.books import Books
from shared.runtime.bus import Message
from shared.runtime.deadlines import Deadline, set_deadlines
from shared.runtime.facts import make_fact
from shared.runtime.heads import Head
from tests.support import memory_books
from tests.support.builders import a_declaration_id
from tests.support.memory_database import MemoryDatabase
from tests.support.toy import Lapse, a_filing, said

ONE, TWO = a_declaration_id(1), a_declaration_id(2)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Shelf:
    """Books and the database they are in."""

    def __init__(self, books: Books, engine: Any) -> None:
        self.books, self.engine = books, engine

    async def head(self, subject: str = ONE) -> Head:
        """As it stands."""
        async with self.engine.begin() as connection:
            return (await self.books.lock_heads(connection, [subject]))[subject]

    async def make_head(self) -> None:
        """The first writer's work."""
        async with self.engine.begin() as connection:
            heads = await self.books.lock_heads(connection, [ONE])
            await self.books.save_heads(connection, heads.values())

    async def keep(self, *facts: Fact, due_at: datetime | None = None) -> None:
        """Facts, noted in the outbox when a time is given."""
        async with self.engine.begin() as connection:
            await self.books.insert_facts(connection, facts)
            if due_at is not None:
                await self.books.insert_outbox(connection, facts, due_at)

    async def put(self, *early: Message) -> Head:
        """Messages that came early."""
        async with self.engine.begin() as connection:
            heads = await self.books.lock_heads(connection, [message.subject for message in early])
            await self.books.put_early(connection, early, heads, LONG_AGO)
            await self.books.save_heads(connection, heads.values())
        return heads[early[0].subject]

    async def pending(self) -> list[tuple[str, int]]:
        """What the relay would say."""
        async with self.engine.begin() as connection:
            return [
                (fact.subject, fact.seq) for fact in await self.books.pending(connection, "quarantine", 9)
            ]

    async def set(self, due_at: datetime, *commands: Lapse) -> None:
        """Deadlines."""
        deadlines = [Deadline(due_at=due_at, command=command) for command in commands]
        async with self.engine.begin() as connection:
            if isinstance(self.engine, MemoryDatabase):
                memory_books.set_deadlines(connection, deadlines)
            else:
                await set_deadlines(connection, deadlines)


def a_fact(number: int = 1, seq: int = 1, cause: Cause = REQUEST, at: datetime = LONG_AGO) -> Fact:
    head = Head(a_declaration_id(number), next_seq=seq)
    return make_fact("quarantine", said(a_filing(number)), head, cause, now=at, trace="")
