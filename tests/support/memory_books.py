"""Memory books: heads, facts, outbox, waiting and deadlines, in dicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import msgspec

from shared.contracts.codec import Unreadable
from shared.contracts.envelope import Fact
from shared.kernel import review as rules
from shared.kernel.refusal import Refusal
from shared.kernel.review import Review
from shared.runtime.bus import Message
from shared.runtime.deadlines import Deadline, Key
from shared.runtime.facts import Period, Place
from tests.support.memory_database import MemoryConnection, MemoryDatabase
from tests.support.memory_heads import Heads, MemoryHeads
from tests.support.memory_waiting import Waits

POSTPONED = timedelta(minutes=5)


class MemoryBooks(MemoryHeads):
    """Keeps the promise of `Books` on a memory database."""

    def begin(self, engine: MemoryDatabase) -> AbstractAsyncContextManager[MemoryConnection]:
        return engine.begin()

    async def transaction_time(self, connection: MemoryConnection) -> datetime:
        return connection.now

    async def insert_facts(self, connection: MemoryConnection, made: Sequence[Fact]) -> None:
        await connection.pause("insert facts")
        for fact in made:
            await connection.lock(("facts", (fact.subject, fact.seq)))
            connection.table("facts").insert((fact.subject, fact.seq), fact)

    async def caused_by(
        self, connection: MemoryConnection, source: str, inputs: Iterable[tuple[str, str, int]]
    ) -> list[Fact]:
        asked = set(inputs)
        if not asked:
            return []
        await connection.pause("find facts")
        found = connection.table("facts").items()
        return [
            fact
            for _, fact in sorted(found)
            if fact.source == source and (fact.subject, fact.cause.source, fact.cause.seq) in asked
        ]

    async def following(
        self, connection: MemoryConnection, source: str, after: Place, count: int
    ) -> list[Fact]:
        await connection.pause("read facts")
        found = sorted(connection.table("facts").items())
        return [fact for key, fact in found if key > after and fact.source == source][:count]

    async def count_of_period(self, connection: MemoryConnection, period: Period, most: int) -> int:
        await connection.pause("count facts")
        found: list[Fact] = list(connection.table("facts").values())
        return min(sum(period[0] <= fact.recorded_at < period[1] for fact in found), most)

    async def of_period(
        self, connection: MemoryConnection, source: str, period: Period, after: Place, count: int
    ) -> list[Fact]:
        every = len(connection.table("facts"))
        found = await self.following(connection, source, after, every)
        return [fact for fact in found if period[0] <= fact.recorded_at < period[1]][:count]

    async def insert_outbox(
        self, connection: MemoryConnection, made: Iterable[Fact], due_at: datetime
    ) -> None:
        await connection.pause("insert outbox")
        for fact in made:
            await connection.lock(("outbox", (fact.subject, fact.seq)))
            connection.table("outbox").insert((fact.subject, fact.seq), due_at)

    async def pending(self, connection: MemoryConnection, source: str, count: int) -> list[Fact]:
        await connection.pause("read outbox")
        outbox, facts = connection.table("outbox"), connection.table("facts")
        lowest = dict(sorted(outbox, reverse=True))
        due = sorted((outbox[key], key) for key in lowest.items() if outbox[key] <= connection.now)
        taken = [key for _, key in due if connection.take(("outbox", key))][:count]
        return [facts[key]._replace(source=source) for key in taken]

    async def delete_outbox(self, connection: MemoryConnection, said: Iterable[Fact]) -> None:
        await connection.pause("delete outbox")
        keys = [(fact.subject, fact.seq) for fact in said]
        await connection.lock(*(("outbox", key) for key in keys))
        for key in keys:
            connection.table("outbox").pop(key, None)

    async def put_early(
        self, connection: MemoryConnection, early: Sequence[Message], heads: Heads, now: datetime
    ) -> None:
        if early:
            await connection.pause("put early")
        table = connection.table("waiting")
        for message in early:
            await connection.lock(("waiting", key_of(message)))
            if key_of(message) not in table:
                table[key_of(message)] = Waits(message._replace(partition=None), "early", now)
                heads[message.subject].waiting += 1

    async def park(
        self,
        connection: MemoryConnection,
        poison: Sequence[tuple[Message, BaseException]],
        heads: Heads,
        now: datetime,
    ) -> None:
        if poison:
            await connection.pause("park")
        table = connection.table("waiting")
        for message, error in poison:
            await connection.lock(("waiting", key_of(message)))
            before: Waits | None = table.get(key_of(message))
            if before and isinstance(error, Unreadable) and not before.may_be_told_unreadable(message):
                continue  # a copy that cannot be read does not take the place of one that may be good
            heads[message.subject].waiting += 0 if before else 1
            attempts = before.attempts + 1 if before else 1
            held = message._replace(partition=None)
            since, is_unreadable = before.since if before else now, isinstance(error, Unreadable)
            table[key_of(message)] = Waits(held, "parked", since, attempts, str(error), is_unreadable)

    async def clear(self, connection: MemoryConnection, applied: Iterable[Message], heads: Heads) -> None:
        held = [message for message in applied if heads[message.subject].waiting]
        if held:
            await connection.pause("clear waiting")
        for message in held:
            if connection.table("waiting").pop(key_of(message), None):
                heads[message.subject].waiting -= 1

    async def next_waiting(self, connection: MemoryConnection, count: int) -> list[Message]:
        await connection.pause("read waiting")
        heads = connection.table("heads")
        found: list[Waits] = sorted(connection.table("waiting").values(), key=lambda each: each.since)
        return [
            each.message
            for each in found
            if each.state == "early"
            and each.message.seq <= heads[each.message.subject].next(each.message.source)
        ][:count]

    async def due_deadlines(
        self, connection: MemoryConnection, commands: Collection[str], count: int
    ) -> list[Key]:
        await connection.pause("read timers")
        timers = connection.table("timers").items()
        return [
            key
            for key, (due_at, _) in sorted(timers, key=lambda row: row[1][0])
            if due_at <= connection.now and key[1] in commands
        ][:count]

    async def take_deadlines(self, connection: MemoryConnection, keys: Sequence[Key]) -> list[bytes]:
        await connection.pause("take timers")
        await connection.lock(*(("timers", key) for key in keys))
        timers = connection.table("timers")
        due = [key for key in keys if key in timers and timers[key][0] <= connection.now]
        return [timers.pop(key)[1] for key in due]

    async def postpone_deadline(self, connection: MemoryConnection, key: Key) -> None:
        await connection.pause("postpone timer")
        await connection.lock(("timers", key))
        timers = connection.table("timers")
        if key in timers:
            timers[key] = (connection.now + POSTPONED, timers[key][1])


class MemoryQueue:
    """Keeps the promise of `Queue`, and lets officers claim."""

    async def read_review(self, connection: MemoryConnection, declaration_id: str) -> Review | None:
        await connection.pause("read review")
        found: Review | None = connection.table("reviews").get(declaration_id)
        return found

    async def close_reviews(self, connection: MemoryConnection, declaration_ids: Iterable[str]) -> None:
        await connection.pause("close reviews")
        for declaration_id in declaration_ids:
            await connection.lock(("reviews", declaration_id))
            connection.table("reviews").pop(declaration_id, None)

    async def claim(self, connection: MemoryConnection, declaration_id: str, officer: str) -> Review:
        """As `claim_review` does: the row locked, the lease taken."""
        await connection.lock(("reviews", declaration_id))
        review = await self.read_review(connection, declaration_id)
        if review is None:
            raise Refusal("E-NOT-FOUND", "no open review", status=404, fix="list the queue again")
        claimed = rules.claim(review, officer, connection.now)
        connection.table("reviews")[declaration_id] = claimed
        return claimed


def set_deadlines(connection: MemoryConnection, deadlines: Iterable[Deadline]) -> None:
    """What the SQL function of that name does."""
    for each in deadlines:
        key = (each.command.declaration_id, type(each.command).__name__, each.command.version)
        connection.table("timers")[key] = (each.due_at, msgspec.json.encode(each.command))


def key_of(message: Message) -> tuple[str, str, int]:
    """What a waiting message is found by."""
    return message.subject, message.source, message.seq
