"""Books: what the runtime keeps beside a room's own tables.

`Books` is all that unit of work, relay, drain, timers and filing ask of heads, facts, outbox, waiting and deadlines.
`SqlBooks` keeps the promise in PostgreSQL and is the functions of those files themselves: a call costs no more than a
name. `MemoryBooks` (tests) keeps it in dicts, where the flow simulation may crash between any two of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from shared.contracts.envelope import Fact
from shared.contracts.topics import SOURCES
from shared.runtime import database, deadlines, facts, heads, waiting
from shared.runtime.bus import Message
from shared.runtime.deadlines import Key
from shared.runtime.facts import Period, Place
from shared.runtime.heads import Head

Heads = dict[str, Head]


class Books(Protocol):
    """The runtime's tables in one transaction, whose connection comes first."""

    def begin(self, engine: Any) -> AbstractAsyncContextManager[Any]:
        """A transaction: kept at the end, undone if anything is raised."""

    async def transaction_time(self, connection: Any) -> datetime:
        """The database's clock at the start of the transaction."""

    async def lock_heads(self, connection: Any, subjects: Iterable[str]) -> Heads:
        """The heads of some subjects, locked in id order, new ones where there are none; read only then."""

    async def insert_heads(self, connection: Any, fresh: Iterable[Head], sources: Collection[str]) -> None:
        """New heads; of the cursors, those of the sources that were heard."""

    async def save_heads(
        self, connection: Any, moved: Iterable[Head], sources: Iterable[str] = SOURCES
    ) -> None:
        """Write locked heads back; of the cursors, those of the sources that were heard."""

    async def pass_over(self, connection: Any, asides: Sequence[Message]) -> Sequence[Message]:
        """Move cursors over what is next on heads where nothing waits; returns the rest, untouched."""

    async def insert_facts(self, connection: Any, made: Sequence[Fact]) -> None:
        """Store facts; a conflict is a bug."""

    async def caused_by(
        self, connection: Any, source: str, inputs: Iterable[tuple[str, str, int]]
    ) -> list[Fact]:
        """The facts that these very inputs (subject, source, seq) caused, in order."""

    async def following(self, connection: Any, source: str, after: Place, count: int) -> list[Fact]:
        """Facts in key order after a place, whenever they were recorded."""

    async def count_of_period(self, connection: Any, period: Period, most: int) -> int:
        """How many facts were recorded in a period; counted no further than `most`."""

    async def of_period(
        self, connection: Any, source: str, period: Period, after: Place, count: int
    ) -> list[Fact]:
        """Facts recorded in a period, in key order after a place."""

    async def insert_outbox(self, connection: Any, made: Iterable[Fact], due_at: datetime) -> None:
        """Note facts that Kafka will not bring again."""

    async def pending(self, connection: Any, source: str, count: int) -> list[Fact]:
        """The lowest fact of each subject that is due to be said, its outbox row locked."""

    async def delete_outbox(self, connection: Any, said: Iterable[Fact]) -> None:
        """Delete, by key, what has been delivered."""

    async def put_early(self, connection: Any, early: Sequence[Message], heads: Heads, now: datetime) -> None:
        """Keep what is not next yet."""

    async def park(
        self, connection: Any, poison: Sequence[tuple[Message, BaseException]], heads: Heads, now: datetime
    ) -> None:
        """Hold what cannot be handled, with its cause."""

    async def clear(self, connection: Any, applied: Iterable[Message], heads: Heads) -> None:
        """Forget what is applied, where its head says that something waits."""

    async def next_waiting(self, connection: Any, count: int) -> list[Message]:
        """Waiting messages that are next for their head, oldest first."""

    async def due_deadlines(self, connection: Any, commands: Collection[str], count: int) -> list[Key]:
        """Which deadlines of some kinds are due, the oldest first."""

    async def take_deadlines(self, connection: Any, keys: Sequence[Key]) -> list[bytes]:
        """Delete those that are still there and due; the commands they hold."""

    async def postpone_deadline(self, connection: Any, key: Key) -> None:
        """Have one run later."""


class SqlBooks:
    """Keeps the promise of `Books` in PostgreSQL."""

    begin = staticmethod(database.transaction)
    transaction_time = staticmethod(heads.transaction_time)
    lock_heads = staticmethod(heads.lock_heads)
    insert_heads = staticmethod(heads.insert_heads)
    save_heads = staticmethod(heads.save_heads)
    pass_over = staticmethod(heads.pass_over)
    insert_facts = staticmethod(facts.insert_facts)
    caused_by = staticmethod(facts.caused_by)
    following = staticmethod(facts.following)
    count_of_period = staticmethod(facts.count_of_period)
    of_period = staticmethod(facts.of_period)
    insert_outbox = staticmethod(facts.insert_outbox)
    pending = staticmethod(facts.pending)
    delete_outbox = staticmethod(facts.delete_outbox)
    put_early = staticmethod(waiting.put_early)
    park = staticmethod(waiting.park)
    clear = staticmethod(waiting.clear)
    next_waiting = staticmethod(waiting.next_waiting)
    due_deadlines = staticmethod(deadlines.due_deadlines)
    take_deadlines = staticmethod(deadlines.take_deadlines)
    postpone_deadline = staticmethod(deadlines.postpone_deadline)


SQL = SqlBooks()
