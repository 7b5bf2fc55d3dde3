"""Mutants: known bugs, each planted through a seam; docs/mutants.md tells how to plant them in the code itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import ModuleType
from typing import Any

import msgspec

from services.clearance import domain
from services.clearance.domain import UNHEARD, Case, News
from services.clearance.domain import hear as real_hear
from services.tax.balances import Balances
from shared.contracts.envelope import TIMER, Fact
from shared.contracts.topics import NAMES
from shared.runtime import unit_of_work
from shared.runtime.bus import Bus, Message, Place, ends_of, read_message
from shared.runtime.consumer import Consumer
from shared.runtime.heads import Head
from shared.runtime.quorum import Quorum
from shared.runtime.stores import flush
from shared.runtime.unit_of_work import Handler, UnitOfWork
from shared.runtime.waves import Batch, Ready
from shared.runtime.waves import sort_wave as real_sort_wave
from tests.simulation.parts import REAL, Parts, ToldBooks
from tests.support.memory_database import MemoryConnection, MemoryDatabase
from tests.support.memory_heads import Heads, copy_of
from tests.support.memory_tax import MemoryTaxLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A planted bug."""

    what: str
    parts: Parts


class OffsetFirst(Consumer):
    """Lets the offsets go, then saves."""

    async def step(self) -> bool:
        records = await self._bus.poll()
        if records:
            await self._bus.commit(ends_of(records))
            said = await self._save([read_message(record) for record in records])
            await self._say(said, {})
        return True


class Forgetful(Quorum):
    """Lets go of all that it has read."""

    def _end(self, place: Place) -> int:
        return self._reached[place]


class LetsGoWhatRests(Consumer):
    """Rests with a forgetful quorum."""

    def __init__(self, bus: Bus, work: UnitOfWork, *, quorum: Set[str]) -> None:
        super().__init__(bus, work)
        self._quorum = Forgetful(quorum, {NAMES[kind] for kind in work.subscriptions})


_SPEAKER: ContextVar[Bus | None] = ContextVar("speaker", default=None)


class SaidFirst(Consumer):
    """Lends its bus to the transaction."""

    async def step(self) -> bool:
        _SPEAKER.set(self._bus)
        return await super().step()


class SaysWhileSaving(UnitOfWork):
    """Says a batch's facts within its transaction, before the commit."""

    __slots__ = ()

    async def _save(self, connection: Any, batch: Batch) -> None:
        if bus := _SPEAKER.get():
            await bus.say(batch.said)
        await UnitOfWork._save(self, connection, batch)


class ForgetsOutbox(ToldBooks):
    """Of facts that Kafka will not bring again, every other is not noted for the relay."""

    async def insert_outbox(
        self, connection: MemoryConnection, made: Iterable[Fact], due_at: datetime
    ) -> None:
        await super().insert_outbox(connection, [fact for fact in made if fact.seq % 2], due_at)


class ReadsBeforeLocking(ToldBooks):
    """Reads the heads, then waits for their locks, and goes on with what it read."""

    async def lock_heads(self, connection: MemoryConnection, subjects: Iterable[str]) -> Heads:
        ids = set(subjects)
        table = connection.table("heads")
        read = {subject: copy_of(table[subject]) for subject in ids if subject in table}
        locked = await super().lock_heads(connection, ids)
        return {subject: read.get(subject, head) for subject, head in locked.items()}


class SilentOnRepeats(UnitOfWork):
    """Drops a repeat, and says nothing of what it caused."""

    __slots__ = ()

    async def _say_again(self, connection: Any, batch: Batch) -> None:
        """Nothing."""


class TrustsNewHeads(UnitOfWork):
    """Takes a conflict under a head that another has just made for the message's own fault."""

    __slots__ = ()

    async def _is_outrun(self, heads: Mapping[str, Head]) -> bool:  # noqa: ARG002
        return False


def leaps_over_gaps(wave: Sequence[Message], batch: Batch) -> Ready:
    """Takes whatever is not heard yet as the next, and so never hears what lay between."""
    for message in wave:
        head = batch.heads[message.subject]
        if message.seq > head.next(message.source) and not message.garbled:
            head.heard[message.source] = message.seq - 1
    return real_sort_wave(wave, batch)


def leaves_gates_open(case: Case, news: News) -> Case:
    """Does not hear that a gate which was open is shut again."""
    word = case.standings.get(news.version, UNHEARD).words.get(news.word.gate.agency)
    if word is not None and word.gate.is_open and not news.word.gate.is_open:
        return case
    return real_hear(case, news)


def writes_over_new_quotas(ledger: MemoryTaxLedger, balances: Balances) -> None:
    """A quota that another has begun meanwhile is begun once more."""
    ledger.quotas |= balances.quotas


@contextmanager
def _instead(module: ModuleType | type, name: str, planted: Any) -> Iterator[None]:
    """A function of a module or a class, another one meanwhile."""
    real = getattr(module, name)
    setattr(module, name, planted)
    try:
        yield
    finally:
        setattr(module, name, real)


async def say_after_deleting(database: MemoryDatabase, bus: Bus, service: str, books: ToldBooks) -> bool:
    """Deletes outbox rows, commits, and only then says their facts."""
    async with database.begin() as connection:
        found = await books.pending(connection, service, 500)
        await books.delete_outbox(connection, found)
    if found:
        await bus.say([(fact, None) for fact in found])
    return bool(found)


async def run_due_after_deleting(work: UnitOfWork, handlers: Mapping[type[Any], Handler]) -> bool:
    """Deletes due deadlines in a transaction of their own, then runs what they order."""
    kinds = {kind.__name__: kind for kind in handlers}
    async with work.engine.begin() as connection:
        keys = await work.books.due_deadlines(connection, kinds, 1)
        bodies = await work.books.take_deadlines(connection, keys)
    for key, body in zip(keys, bodies, strict=False):
        kind = kinds[key[1]]
        async with work.engine.begin() as connection:
            heads = await work.books.lock_heads(connection, [key[0]])
            now = await work.books.transaction_time(connection)
            store = work.store(connection)
            made = await handlers[kind]([msgspec.json.decode(body, type=kind)], store, now)
            await flush(store)
            await work.keep(connection, heads, made, now, TIMER)
    await asyncio.sleep(0)
    return bool(keys)


MUTANTS: Mapping[str, Mutant] = {
    "offset-before-state": Mutant(
        what="the offset is committed before the state is saved",
        parts=replace(REAL, consumer=OffsetFirst),
    ),
    "resting-let-go": Mutant(
        what="the offset passes what rests for others",
        parts=replace(REAL, consumer=LetsGoWhatRests),
    ),
    "said-before-saved": Mutant(
        what="an event is said before it is saved",
        parts=replace(REAL, consumer=SaidFirst, work=SaysWhileSaving),
    ),
    "outbox-row-dropped": Mutant(
        what="a fact that no redelivery brings again gets no outbox row",
        parts=replace(REAL, books=ForgetsOutbox),
    ),
    "outbox-row-deleted-early": Mutant(
        what="an outbox row is deleted before its fact is said",
        parts=replace(REAL, say_pending=say_after_deleting),
    ),
    "head-read-before-lock": Mutant(
        what="a head is read before it is locked",
        parts=replace(REAL, books=ReadsBeforeLocking),
    ),
    "new-head-trusted": Mutant(
        what="a conflict under a head that another has just made is taken for poison",
        parts=replace(REAL, work=TrustsNewHeads),
    ),
    "new-quota-written-over": Mutant(
        what="of two who begin a buyer's quota the second writes over what the first has reserved",
        parts=replace(
            REAL, planted=partial(_instead, MemoryTaxLedger, "_save_quotas", writes_over_new_quotas)
        ),
    ),
    "repeat-not-said-again": Mutant(
        what="a repeat is dropped without saying again what it caused",
        parts=replace(REAL, work=SilentOnRepeats),
    ),
    "gap-ignored": Mutant(
        what="a gap in seq is ignored",
        parts=replace(REAL, planted=partial(_instead, unit_of_work, "sort_wave", leaps_over_gaps)),
    ),
    "gate-never-shut-again": Mutant(
        what="a gate that is shut again counts as open",
        parts=replace(REAL, planted=partial(_instead, domain, "hear", leaves_gates_open)),
    ),
    "timer-deleted-early": Mutant(
        what="a deadline is deleted before its effect is stored",
        parts=replace(REAL, run_due=run_due_after_deleting),
    ),
}
