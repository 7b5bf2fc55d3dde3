"""Cursor: how far a viewer was told.

Moments are no place in a stream: each is the start of a transaction in one of five databases, so an earlier one may
be seen later, and a service may be away. But the facts of one source are numbered under the lock of a head: they
become visible in order and without gaps. So the place is a number for each source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.portal.story import Fact

LONGEST = 200
"""Characters of an id: all sources with their greatest numbers fit."""
_WRITTEN = re.compile(r"[a-z]+:[0-9]{1,10}(?:,[a-z]+:[0-9]{1,10})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The highest number that was told of each source."""

    told: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What a stream resumes after."""
        return ",".join(f"{source}:{seq}" for source, seq in sorted(self.told.items()))

    def past(self, fact: Fact) -> Cursor:
        """The place once a fact was told."""
        return Cursor(told={**self.told, fact.source: fact.seq})

    def beyond(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts that were not told yet, in the order given, but those of one source by their numbers.

        Transactions may get the lock in another order than they began, and a number covers all that are below it.
        """
        fresh = [fact for fact in facts if fact.seq > self.told.get(fact.source, 0)]
        turns = {fact.source: _numbered(fresh, fact.source) for fact in fresh}
        return [next(turns[fact.source]) for fact in fresh]


def _numbered(facts: Sequence[Fact], source: str) -> Iterator[Fact]:
    return iter(sorted((fact for fact in facts if fact.source == source), key=lambda fact: fact.seq))


def cursor_of(last_id: str, facts: Sequence[Fact], away: Collection[str]) -> Cursor:
    """The place that an id names; the beginning when nobody gave that id.

    One source alone is a place, too. A source that is away cannot say, so its number is believed.
    """
    parts = last_id.split(",") if _WRITTEN.fullmatch(last_id) else []
    told = {source: int(seq) for source, _, seq in (part.partition(":") for part in parts)}
    known = {(fact.source, fact.seq) for fact in facts}
    is_given = all(place in known or place[0] in away for place in told.items())
    return Cursor(told=told if is_given else {})
