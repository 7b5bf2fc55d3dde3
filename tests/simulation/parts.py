"""Parts: what a replica is made of; a mutant puts another in the place of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from shared.contracts.codec import Unreadable
from shared.contracts.envelope import Fact
from shared.contracts.topics import SOURCES
from shared.runtime import relay, timers
from shared.runtime.bus import Message
from shared.runtime.consumer import Consumer
from shared.runtime.heads import Head
from shared.runtime.unit_of_work import UnitOfWork
from tests.simulation.hazards import Hazards, Poisoned
from tests.support.memory_books import MemoryBooks
from tests.support.memory_database import MemoryConnection
from tests.support.memory_heads import Heads

NOTHING = dict.fromkeys(SOURCES, 0)
"""Heard of what is new."""


class ToldBooks(MemoryBooks):
    """Memory books that tell the journal what was committed."""

    def __init__(self, hazards: Hazards) -> None:
        self.hazards = hazards

    async def insert_facts(self, connection: MemoryConnection, made: Sequence[Fact]) -> None:
        await super().insert_facts(connection, made)
        heads: Mapping[str, Head] = connection.table("heads")
        for fact in made:
            connection.at_commit.append(partial(self.hazards.note, "saved", fact))
            before = heads[fact.subject].heard if fact.subject in heads else NOTHING
            connection.at_commit.append(partial(self._keep_heard, connection, fact, before))

    def _keep_heard(self, connection: MemoryConnection, fact: Fact, before: Mapping[str, int]) -> None:
        after: Mapping[str, int] = connection.table("heads")[fact.subject].heard
        self.hazards.heard[fact.source, fact.subject, fact.seq] = (before, after)

    async def park(
        self,
        connection: MemoryConnection,
        poison: Sequence[tuple[Message, BaseException]],
        heads: Heads,
        now: datetime,
    ) -> None:
        await super().park(connection, poison, heads, now)
        for message, error in poison:
            what = (message.subject, message.source, message.seq, repr(error))
            connection.at_commit.append(partial(self.hazards.note, "PARKED", *what))
            if not isinstance(error, Unreadable | Poisoned):
                self.hazards.parked_without_cause.append(f"{what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The runtime's own code, as `Runtime` puts it together."""

    books: Callable[[Hazards], MemoryBooks] = ToldBooks
    work: Callable[..., UnitOfWork] = UnitOfWork
    consumer: Callable[..., Consumer] = Consumer
    say_pending: Callable[..., Awaitable[bool]] = relay.say_pending
    drain: Callable[..., Awaitable[bool]] = relay.drain
    run_due: Callable[..., Awaitable[bool]] = timers.run_due
    planted: Callable[[], AbstractContextManager[Any]] = nullcontext
    """What is changed while a schedule runs."""


REAL = Parts()
