"""Unit of work: one batch, one transaction; lock the heads, decide, save, then say what is saved.

The heads are locked first. Then, wave by wave, each message is next, early or a repeat; what is next goes to its
handler by type, and the events that come back become facts under the heads, with their cause. What is to be said is
returned: it is said after the commit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts.codec import Reads
from shared.contracts.envelope import REQUEST, AnyEvent, Cause, Event, Fact
from shared.contracts.topics import TYPES
from shared.runtime import telemetry
from shared.runtime.books import SQL, Books
from shared.runtime.bus import Message
from shared.runtime.facts import make_fact
from shared.runtime.failures import RowTaken, is_transient
from shared.runtime.heads import Head
from shared.runtime.stores import Store, flush, look_ahead
from shared.runtime.waves import Batch, Ready, Said, cut_waves, halves, part_asides, sort_wave

Handler = Callable[[Sequence[Any], Any, datetime], Awaitable[list[Any]]]
Find = Callable[[AsyncConnection], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """How one service handles messages and commands: its tables, its store, its handlers."""

    service: str
    engine: AsyncEngine
    store: Store
    subscriptions: Mapping[type[AnyEvent], Handler]
    reads: Reads = field(default_factory=dict)
    wake_relay: Callable[[], None] = lambda: None
    wake_drain: Callable[[], None] = lambda: None
    books: Books = SQL

    async def run(self, messages: Sequence[Message], *, drained: bool = False) -> Said:
        """Handle a batch; returns what is to be said now. Raises only what may succeed later.

        What fails for good is found by halving the batch, and parked alone; the rest goes on.
        """
        try:
            return await self._apply(messages, drained)
        except Exception as error:
            if is_transient(error):
                raise
            if len(messages) == 1:
                await self._park(messages[0], error)
                return []
        first, second = halves(messages)
        return await self.run(first, drained=drained) + await self.run(second, drained=drained)

    async def _apply(self, given: Sequence[Message], drained: bool) -> Said:
        messages, asides = part_asides(given, self.subscriptions)
        async with self._under({message.subject for message in messages}) as (connection, heads):
            batch = Batch(heads, await self.books.transaction_time(connection), self.reads, drained)
            store = self.store(connection)
            await look_ahead(store, (m.subject for m in messages if TYPES.get(m.type) in self.subscriptions))
            left = await self._pass_over(connection, heads, asides)
            for wave in cut_waves([*messages, *left]):
                await self._decide(store, batch, sort_wave(wave, batch))
            await flush(store)
            await self._save(connection, batch)
        self._note(batch)
        telemetry.passed(self.service, Counter(m.type for m in asides) - Counter(m.type for m in left))
        return batch.said

    async def _pass_over(
        self, connection: AsyncConnection, heads: dict[str, Head], asides: Sequence[Message]
    ) -> Sequence[Message]:
        """Move cursors over what nobody here wants; what is left is not next, and is handled like the rest."""
        left = await self.books.pass_over(connection, asides) if asides else ()
        if left:
            heads |= await self.books.lock_heads(connection, {message.subject for message in left})
        return left

    @asynccontextmanager
    async def _under(self, subjects: Set[str]) -> AsyncIterator[tuple[AsyncConnection, dict[str, Head]]]:
        """A transaction under the heads of some subjects.

        What fails for good while another makes one of the heads that were new was read and decided without a lock:
        it is undone like any `RowTaken`, whichever row the two met on first.
        """
        heads: dict[str, Head] = {}
        try:
            async with self.books.begin(self.engine) as connection:
                if subjects:
                    heads |= await self.books.lock_heads(connection, subjects)
                yield connection, heads
        except Exception as error:
            if not is_transient(error) and await self._is_outrun(heads):
                raise RowTaken(f"under a head that another has made meanwhile: {error}") from error
            raise

    async def _is_outrun(self, heads: Mapping[str, Head]) -> bool:
        """Whether one of these heads was new, and is there now."""
        new = [subject for subject, head in heads.items() if head.is_new]
        if not new:
            return False
        async with self.books.begin(self.engine) as connection:
            found = await self.books.lock_heads(connection, new)
        return not all(head.is_new for head in found.values())

    async def _decide(self, store: Any, batch: Batch, ready: Ready) -> None:
        """Each handler gets its part of a wave; what nobody here subscribes to only moves the cursor."""
        parts: dict[Handler, list[AnyEvent]] = defaultdict(list)
        for message, event in ready:
            handler = self.subscriptions.get(TYPES[message.type])
            if handler is not None and type(event) is not Event:
                parts[handler].append(event)
        made = [event for handler, part in parts.items() for event in await handler(part, store, batch.now)]
        await self._add_strangers(store.connection, batch.heads, made)
        self._make_facts(batch, made, {message.subject: message for message, _ in ready})

    def _make_facts(self, batch: Batch, made: Sequence[AnyEvent], inputs: Mapping[str, Message]) -> None:
        """Facts of the events made; those that no redelivery would bring again are for the relay. Where something
        waits, it may be this very input: who put it there has let its offset go."""
        batch.made += made
        for event in made:
            subject = event.subject
            message = inputs.get(subject)
            cause = Cause(message.source, message.seq) if message else Cause("other", 0)
            trace = message.traceparent if message else ""
            fact = make_fact(self.service, event, batch.heads[subject], cause, now=batch.now, trace=trace)
            if message and not batch.drained and not batch.heads[subject].waiting:
                batch.said.append((fact, message.partition))
            else:
                batch.noted.append(fact)

    async def _add_strangers(
        self, connection: AsyncConnection, heads: dict[str, Head], made: Sequence[AnyEvent]
    ) -> None:
        """Lock the heads of declarations that events are about and no input was."""
        strangers = {event.subject for event in made} - heads.keys()
        if strangers:
            heads |= await self.books.lock_heads(connection, strangers)

    async def _save(self, connection: AsyncConnection, batch: Batch) -> None:
        """Facts, outbox, what waits, heads; and what repeats caused is said again.

        What is early before what is poison: of two copies in one batch the readable one keeps the place.
        """
        await self.books.insert_facts(connection, batch.facts)
        await self.books.insert_outbox(connection, batch.noted, batch.now)
        await self._say_again(connection, batch)
        await self.books.put_early(connection, batch.early, batch.heads, batch.now)
        await self.books.park(connection, batch.poison, batch.heads, batch.now)
        await self.books.clear(connection, [m for m, _ in batch.ready] + batch.repeats, batch.heads)
        await self.books.save_heads(
            connection, batch.heads.values(), (message.source for message, _ in batch.ready)
        )

    async def _say_again(self, connection: AsyncConnection, batch: Batch) -> None:
        """The crash may have come before the saying: what this very input caused, never more."""
        came_from = {message.subject: message.partition for message in batch.repeats}
        inputs = [(message.subject, message.source, message.seq) for message in batch.repeats]
        again = await self.books.caused_by(connection, self.service, inputs)
        batch.said[:0] = [(fact, came_from[fact.subject]) for fact in again]

    def _note(self, batch: Batch) -> None:
        """Counters and wake-ups, after the commit."""
        telemetry.handled(self.service, batch.kinds)
        telemetry.made(self.service, batch.made)
        telemetry.kept(batch.facts)
        for poison in batch.poison:
            telemetry.parked(self.service, *poison)
        if batch.ready and any(head.waiting for head in batch.heads.values()):
            self.wake_drain()
        if batch.noted:
            self.wake_relay()

    async def _park(self, message: Message, error: BaseException) -> None:
        """Hold one message under its head, if it is not applied already."""
        async with self.books.begin(self.engine) as connection:
            heads = await self.books.lock_heads(connection, [message.subject])
            now = await self.books.transaction_time(connection)
            if message.seq > heads[message.subject].heard[message.source] or message.garbled:
                await self.books.park(connection, [(message, error)], heads, now)
                await self.books.save_heads(connection, heads.values())
        telemetry.parked(self.service, message, error)

    async def command(self, handler: Handler, command: Any, cause: Cause = REQUEST) -> list[AnyEvent]:
        """Run a command under the head of what it is about; its facts are said by the relay."""
        return await self.command_all(handler, [command], cause)

    async def command_all(
        self, handler: Handler, commands: Sequence[Any], cause: Cause = REQUEST
    ) -> list[AnyEvent]:
        """Run a batch of commands of one kind, each about another declaration, in one transaction."""
        subjects = {subject for command in commands if (subject := subject_of(command))}

        async def given(_: AsyncConnection) -> Sequence[Any]:
            return commands

        return await self.command_found(subjects, given, handler, cause)

    async def command_found(
        self, subjects: Set[str], find: Find, handler: Handler, cause: Cause
    ) -> list[AnyEvent]:
        """Lock the heads of some subjects, then run what is found to do about them, all in one transaction."""
        async with self._under(subjects) as (connection, heads):
            commands = await find(connection)
            if not commands:
                return []
            now = await self.books.transaction_time(connection)
            store = self.store(connection)
            made: list[AnyEvent] = await handler(commands, store, now)
            await flush(store)
            await self.keep(connection, heads, made, now, cause)
        telemetry.made(self.service, made)
        self.wake_relay()
        return made

    async def keep(
        self,
        connection: AsyncConnection,
        heads: dict[str, Head],
        made: Sequence[AnyEvent],
        now: datetime,
        cause: Cause,
    ) -> list[Fact]:
        """Facts and outbox rows of events that no Kafka input caused; writes the heads back."""
        await self._add_strangers(connection, heads, made)
        trace = telemetry.traceparent()
        kept = [
            make_fact(self.service, event, heads[event.subject], cause, now=now, trace=trace)
            for event in made
        ]
        await self.books.insert_facts(connection, kept)
        await self.books.insert_outbox(connection, kept, now)
        await self.books.save_heads(connection, heads.values(), ())
        telemetry.kept(kept)
        return kept


def subject_of(command: Any) -> str | None:
    """What a command is about: its `subject`, or its `declaration_id`, or nothing that has a head."""
    subject: str | None = getattr(command, "subject", None) or getattr(command, "declaration_id", None)
    return subject
