"""Quorum: what several sources first say of a subject is handled together.

Handled one by one, each of their words locks the head, reads the state and writes it anew; together they do so
once. So a first word rests until the other sources of the quorum have spoken, and an event that no handler here
wants until something else is said of its subject; neither rests for long. What rests is not handled: its offset
does not pass, and after a crash it comes again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.contracts.topics import TYPES
from shared.runtime.bus import Ends, Message, Place, Record, ends_of

PATIENCE = 1.0
"""Seconds that something rests at the most, from when a poll brought it to the next poll after them."""
MOST_BYTES = 32 * 1024 * 1024
"""Of what rests; beyond that the eldest is handled alone."""
RECORD_BYTES = 2048
"""What a record takes in memory besides its body."""
MOST_LATE = 20_000
"""Subjects whose last words are remembered as awaited, once the others are handled."""

Came = tuple[Record, Message]


class Passed(NamedTuple):
    """What is to be handled now, and up to where nothing need be brought again once that is said."""

    messages: list[Message]
    ends: Ends


@dataclass(slots=True)
class Company:
    """What rests of one subject, in the order it came."""

    since: float
    spoken: set[str]
    """Sources of the quorum whose first word has come."""
    resting: list[Came] = field(default_factory=list)
    weight: int = 0


class Quorum:
    """Between a consumer's polls and its batches; without sources everything passes at once."""

    def __init__(self, sources: Set[str] = frozenset(), heard: Container[str] = ()) -> None:
        self._sources, self._heard = sources, heard
        self._companies: dict[str, Company] = {}
        """By subject, the eldest first."""
        self._late: dict[str, set[str]] = {}
        """Of subjects that were handled before all had spoken: who had. The next word need not rest for them."""
        self._weight = 0
        self._reached: dict[Place, int] = {}
        self._resting: dict[Place, set[int]] = defaultdict(set)
        """Offsets of what rests."""
        self._left: dict[Place, None] = {}
        """Where something has rested that is handled now."""

    def take(self, came: Sequence[Came], now: float) -> Passed:
        """Of what has come, and what rests: what is to be handled at this moment (seconds of a steady clock)."""
        reached = ends_of(record for record, _ in came)
        if not self._sources:
            return Passed([message for _, message in came], reached)
        passed: list[Came] = []
        for one in came:
            passed += self._join(one, now)
        for subject in list(self._overdue(now)):
            passed += self._leave(subject)
        self._reached |= reached
        places = reached | dict.fromkeys(self._left, 0)
        self._left.clear()
        return Passed([message for _, message in passed], {place: self._end(place) for place in places})

    def _join(self, one: Came, now: float) -> Sequence[Came]:
        """One comes to what rests of its subject; all of that, if this was what it rested for."""
        record, message = one
        company = self._companies.get(message.subject)
        if company is None:
            spoken = self._late.pop(message.subject, set())
            company = self._companies[message.subject] = Company(now, spoken)
        if message.seq == 1 and message.type in self._heard:
            company.spoken.add(message.source)
        weight = len(message.body) + RECORD_BYTES
        company.resting.append(one)
        company.weight += weight
        self._weight += weight
        self._resting[record.topic, record.partition].add(record.offset)
        if self._may_rest(message) and not company.spoken >= self._sources:
            return ()
        return self._leave(message.subject)

    def _may_rest(self, message: Message) -> bool:
        """A first word of the quorum, and what no handler wants; not what nobody knows, which is to be parked."""
        if message.type in self._heard:
            return message.seq == 1 and message.source in self._sources
        return message.type in TYPES

    def _overdue(self, now: float) -> Iterator[str]:
        """Subjects of which something has rested too long, or with too much else."""
        weight = self._weight
        for subject, company in self._companies.items():
            if now - company.since < PATIENCE and weight <= MOST_BYTES:
                return
            weight -= company.weight
            yield subject

    def _leave(self, subject: str) -> Sequence[Came]:
        """All that rests of a subject is handled now."""
        company = self._companies.pop(subject)
        self._weight -= company.weight
        for record, _ in company.resting:
            place = (record.topic, record.partition)
            self._resting[place].discard(record.offset)
            self._left[place] = None
        if company.spoken and not company.spoken >= self._sources:
            self._late[subject] = company.spoken
            if len(self._late) > MOST_LATE:
                del self._late[next(iter(self._late))]
        return company.resting

    def _end(self, place: Place) -> int:
        """The first offset that rests there, or how far it has been read."""
        return min(self._resting[place], default=self._reached[place])
