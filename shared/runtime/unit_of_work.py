"""Unit of work: one wave, one transaction; lock the heads, decide, save, then say what is saved.

A wave holds at most one message of each declaration. In its transaction the heads are locked first; then each
message is next, early or a repeat. What is next goes to its handler by type; the events that come back become
facts under the heads, with their cause. What is to be said is returned: it is said after the commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts import codec
from shared.contracts.envelope import REQUEST, AnyEvent, Cause, Event, Fact
from shared.runtime import facts, telemetry, waiting
from shared.runtime.bus import Message
from shared.runtime.database import is_transient
from shared.runtime.heads import Head, lock_heads, save_heads, transaction_time

Handler = Callable[[Sequence[Any], Any, datetime], Awaitable[list[Any]]]
Store = Callable[[AsyncConnection], Any]
Said = list[tuple[Fact, int | None]]


@dataclass(slots=True)
class Wave:
    """A wave in its transaction: sorted under its locked heads, then what it made."""

    heads: dict[str, Head]
    now: datetime
    drained: bool = False
    """It comes out of `waiting`: no redelivery would bring its facts again."""
    ready: list[tuple[Message, AnyEvent]] = field(default_factory=list)
    early: list[Message] = field(default_factory=list)
    repeats: list[Message] = field(default_factory=list)
    poison: list[tuple[Message, BaseException]] = field(default_factory=list)
    made: list[AnyEvent] = field(default_factory=list)
    said: Said = field(default_factory=list)
    """Facts that the consumer says, each to the partition its input came from."""
    noted: list[Fact] = field(default_factory=list)
    """Facts that the relay is to say."""


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """How one service handles messages and commands: its tables, its store, its handlers."""

    service: str
    engine: AsyncEngine
    store: Store
    subscriptions: Mapping[type[AnyEvent], Handler]
    wake_relay: Callable[[], None] = lambda: None
    wake_drain: Callable[[], None] = lambda: None

    async def run(self, wave: Sequence[Message], *, drained: bool = False) -> Said:
        """Handle a wave; returns what is to be said now. Raises only what may succeed later.

        What fails for good is found by halving the wave, and parked alone; the rest goes on.
        """
        try:
            return await self._apply(wave, drained)
        except Exception as error:
            if is_transient(error):
                raise
            if len(wave) == 1:
                await self._park(wave[0], error)
                return []
        middle = len(wave) // 2
        return await self.run(wave[:middle], drained=drained) + await self.run(wave[middle:], drained=drained)

    async def _apply(self, messages: Sequence[Message], drained: bool) -> Said:
        async with self.engine.begin() as connection:
            heads = await lock_heads(connection, (message.subject for message in messages))
            wave = Wave(heads, await transaction_time(connection), drained)
            sort_wave(messages, wave)
            await self._decide(connection, wave)
            await self._save(connection, wave)
            await self._say_again(connection, wave)
            await self._put_aside(connection, wave)
            await save_heads(connection, wave.heads.values())
        self._note(wave)
        return wave.said

    async def _decide(self, connection: AsyncConnection, wave: Wave) -> None:
        """Each handler gets its batch; what nobody here subscribes to only moves the cursor."""
        batches: dict[Handler, list[AnyEvent]] = defaultdict(list)
        for _, event in wave.ready:
            if type(event) in self.subscriptions:
                batches[self.subscriptions[type(event)]].append(event)
        for handler, batch in batches.items():
            wave.made += await handler(batch, self.store(connection), wave.now)

    async def _save(self, connection: AsyncConnection, wave: Wave) -> None:
        """Facts of the events made; those that no redelivery would bring again get an outbox row."""
        strangers = {event.subject for event in wave.made} - wave.heads.keys()
        if strangers:
            wave.heads |= await lock_heads(connection, strangers)
        inputs = {message.subject: message for message, _ in wave.ready}
        for event in wave.made:
            message = inputs.get(event.subject)
            cause = Cause(message.source, message.seq) if message else Cause("other", 0)
            trace = message.traceparent if message else ""
            head = wave.heads[event.subject]
            fact = facts.make_fact(self.service, event, head, cause, now=wave.now, trace=trace)
            if message and not wave.drained:
                wave.said.append((fact, message.partition))
            else:
                wave.noted.append(fact)
        await facts.insert_facts(connection, [fact for fact, _ in wave.said] + wave.noted)
        await facts.insert_outbox(connection, wave.noted, wave.now)

    async def _say_again(self, connection: AsyncConnection, wave: Wave) -> None:
        """What a repeat caused is said again: the crash may have come before the saying."""
        came_from = {message.subject: message.partition for message in wave.repeats}
        inputs = [(message.subject, message.source, message.seq) for message in wave.repeats]
        again = await facts.caused_by(connection, self.service, inputs)
        wave.said[:0] = [(fact, came_from[fact.subject]) for fact in again]

    async def _put_aside(self, connection: AsyncConnection, wave: Wave) -> None:
        """Keep what is early or poison; forget what waited and is applied now."""
        await waiting.park(connection, wave.poison, wave.heads, wave.now)
        await waiting.put_early(connection, wave.early, wave.heads, wave.now)
        applied = [message for message, _ in wave.ready] + wave.repeats
        await waiting.clear(connection, applied, wave.heads)

    def _note(self, wave: Wave) -> None:
        """Counters and wake-ups, after the commit."""
        telemetry.handled(self.service, [event for _, event in wave.ready])
        telemetry.made(self.service, wave.made)
        for message, error in wave.poison:
            telemetry.parked(self.service, message, error)
        if wave.ready and any(head.waiting for head in wave.heads.values()):
            self.wake_drain()
        if wave.noted:
            self.wake_relay()

    async def _park(self, message: Message, error: BaseException) -> None:
        """Hold one message under its head, if it is not applied already."""
        async with self.engine.begin() as connection:
            heads = await lock_heads(connection, [message.subject])
            now = await transaction_time(connection)
            if message.seq > heads[message.subject].heard[message.source] or message.garbled:
                await waiting.park(connection, [(message, error)], heads, now)
                await save_heads(connection, heads.values())
        telemetry.parked(self.service, message, error)

    async def command(self, handler: Handler, command: Any, cause: Cause = REQUEST) -> list[AnyEvent]:
        """Run a command under the head of what it is about; its facts are said by the relay."""
        return await self.command_all(handler, [command], cause)

    async def command_all(
        self, handler: Handler, commands: Sequence[Any], cause: Cause = REQUEST
    ) -> list[AnyEvent]:
        """Run a batch of commands of one kind, each about another declaration, in one transaction."""
        subjects = {subject for command in commands if (subject := subject_of(command))}
        async with self.engine.begin() as connection:
            heads = await lock_heads(connection, subjects) if subjects else {}
            now = await transaction_time(connection)
            made: list[AnyEvent] = await handler(commands, self.store(connection), now)
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
        heads |= await lock_heads(connection, {event.subject for event in made} - heads.keys())
        trace = telemetry.traceparent()
        kept = [
            facts.make_fact(self.service, event, heads[event.subject], cause, now=now, trace=trace)
            for event in made
        ]
        await facts.insert_facts(connection, kept)
        await facts.insert_outbox(connection, kept, now)
        await save_heads(connection, heads.values())
        return kept


def subject_of(command: Any) -> str | None:
    """What a command is about: its `subject`, or its `declaration_id`, or nothing that has a head."""
    subject: str | None = getattr(command, "subject", None) or getattr(command, "declaration_id", None)
    return subject


def sort_wave(messages: Sequence[Message], wave: Wave) -> None:
    """Next, early, repeat or poison, by the cursor of each head; moves the cursors of what is next.

    An event about a version that is over already is counted and not handled, if it would open new work.
    """
    for message in messages:
        head = wave.heads[message.subject]
        if message.garbled:
            wave.poison.append((message, codec.Unreadable(message.garbled)))
        elif message.seq < head.next(message.source):
            wave.repeats.append(message)
        elif message.seq > head.next(message.source):
            wave.early.append(message)
        else:
            _take_next(message, head, wave)


def _take_next(message: Message, head: Head, wave: Wave) -> None:
    try:
        event = codec.decode(message.type, message.body)
        if event.subject != message.subject:
            raise codec.Unreadable(f"the body speaks of {event.subject}")
    except codec.Unreadable as error:
        wave.poison.append((message, error))
        return
    head.heard[message.source] = message.seq
    if isinstance(event, Event):
        if event.opens and event.version <= head.closed_through:
            event = Event(declaration_id=event.declaration_id, version=event.version, parties=event.parties)
        head.version = max(head.version, event.version)
        head.closed_through = max(head.closed_through, event.closes_through)
    wave.ready.append((message, event))
