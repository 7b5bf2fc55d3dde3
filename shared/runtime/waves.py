"""Waves: what came, cut so that a declaration occurs once in each, and sorted under its locked head.

The k-th message of each declaration is in wave k. Within a wave a message is next, early, a repeat, or poison, by the
cursor of its head.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts import codec
from shared.contracts.envelope import AnyEvent, Event, Fact
from shared.contracts.topics import TYPES
from shared.runtime.bus import Message
from shared.runtime.heads import Head

IDLE = frozenset(
    name
    for name, kind in TYPES.items()
    if issubclass(kind, Event) and (kind.opens, kind.closes_through) == (Event.opens, Event.closes_through)
)
"""Types that neither open nor end work on a version: for who does not want them only a cursor moves."""
Said = list[tuple[Fact, int | None]]
Ready = list[tuple[Message, AnyEvent]]


@dataclass(slots=True)
class Batch:
    """One transaction's messages: sorted under their locked heads, then what they made."""

    heads: dict[str, Head]
    now: datetime
    reads: codec.Reads = field(default_factory=dict)
    drained: bool = False
    """It comes out of `waiting`: no redelivery would bring its facts again."""
    ready: Ready = field(default_factory=list)
    early: list[Message] = field(default_factory=list)
    repeats: list[Message] = field(default_factory=list)
    poison: list[tuple[Message, BaseException]] = field(default_factory=list)
    made: list[AnyEvent] = field(default_factory=list)
    said: Said = field(default_factory=list)
    """Facts that the consumer says, each to the partition its input came from."""
    noted: list[Fact] = field(default_factory=list)
    """Facts that the relay is to say."""

    @property
    def facts(self) -> list[Fact]:
        """All that is made."""
        return [*(fact for fact, _ in self.said), *self.noted]

    @property
    def kinds(self) -> list[str]:
        """The types of what is handled; "closed" for work on a version that is over."""
        return ["closed" if type(event) is Event else message.type for message, event in self.ready]


def cut_waves(messages: Sequence[Message]) -> list[list[Message]]:
    """The k-th message of each declaration in wave k, in the order they came."""
    counts: dict[str, int] = defaultdict(int)
    waves: list[list[Message]] = []
    for message in messages:
        place = counts[message.subject]
        counts[message.subject] += 1
        if place == len(waves):
            waves.append([])
        waves[place].append(message)
    return waves


def part_asides(
    messages: Sequence[Message], heard: Container[type[AnyEvent]]
) -> tuple[list[Message], list[Message]]:
    """What is to be handled, and asides: no handler wants them, and nothing else has come of their declarations."""
    sources = Counter((message.subject, message.source) for message in messages)
    wanted = {
        message.subject
        for message in messages
        if message.type not in IDLE
        or TYPES[message.type] in heard
        or sources[message.subject, message.source] > 1
    }
    return (
        [message for message in messages if message.subject in wanted],
        [message for message in messages if message.subject not in wanted],
    )


def halves(messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """Two smaller batches; the messages of one declaration stay together, in order, while there are others."""
    subjects = list(dict.fromkeys(message.subject for message in messages))
    if len(subjects) == 1:
        return list(messages[:1]), list(messages[1:])
    first = set(subjects[: len(subjects) // 2])
    return (
        [message for message in messages if message.subject in first],
        [message for message in messages if message.subject not in first],
    )


def sort_wave(wave: Sequence[Message], batch: Batch) -> Ready:
    """What is next, with its event; the rest goes to its place in the batch. Moves the cursors of what is next."""
    ready: Ready = []
    for message in wave:
        head = batch.heads[message.subject]
        ahead = message.seq - head.next(message.source)
        if message.garbled:
            batch.poison.append((message, codec.Unreadable(message.garbled)))
        elif ahead == 0:
            _take_next(message, head, batch, ready)
        elif ahead < 0:
            batch.repeats.append(message)
        else:
            batch.early.append(message)
    batch.ready += ready
    return ready


def _take_next(message: Message, head: Head, batch: Batch, ready: Ready) -> None:
    try:
        event = codec.decode(message.type, message.body, batch.reads)
        if event.subject != message.subject:
            raise codec.Unreadable(f"the body speaks of {event.subject}")
    except codec.Unreadable as error:
        batch.poison.append((message, error))
        return
    head.heard[message.source] = message.seq
    ready.append((message, _unless_over(event, head)))


def _unless_over(event: AnyEvent, head: Head) -> AnyEvent:
    """The event; or, where it would open work on a version that is over already, one that no handler knows."""
    if not isinstance(event, Event):
        return event
    if event.opens and event.version <= head.closed_through:
        return Event(declaration_id=event.declaration_id, version=event.version, parties=event.parties)
    head.version = max(head.version, event.version)
    head.closed_through = max(head.closed_through, event.closes_through)
    return event
