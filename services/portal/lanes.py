"""Swim lanes: a declaration's story as a picture.

One lane an agency, time to the right. A gap is drawn as long as the logarithm of its length and says how long it
was, so that milliseconds between services and days before an officer fit in one picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log10

from services.portal.story import Fact, length

LANES = ("declaration", "tax", "quarantine", "logistics", "clearance")
TITLES = {"declaration": "Customs"}
LEFT, RIGHT, TOP, ROW = 132, 40, 34, 58
WIDTH = 1080
ENDINGS = tuple(
    f"clearance.{word}" for word in ("permit-issued", "refused", "cancelled", "amendment-admitted")
)
SHORTEST, LONGEST = 26.0, 190.0
"""Drawn length of a gap before the picture is fitted."""
TOLD = timedelta(milliseconds=1)
"""Shorter gaps say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One fact in its lane."""

    x: float
    y: float
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch between two moments in which nothing was said."""

    x: float
    width: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A stretch in which an agency held the declaration."""

    x: float
    y: float
    width: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One agency."""

    title: str
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All that is drawn, in a box of `width` x `height`."""

    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[Gap, ...]
    waits: tuple[Wait, ...]
    left: float = LEFT
    width: float = WIDTH

    @property
    def height(self) -> float:
        """Of the box."""
        return TOP + ROW * len(self.lanes) + 14

    @property
    def now(self) -> float:
        """Where the picture ends."""
        return WIDTH - RIGHT


def draw(facts: Sequence[Fact], now: datetime, *, is_open: bool) -> Drawing:
    """The picture of a story; while it is open, time goes on to `now`."""
    lanes = tuple(
        Lane(title=TITLES.get(name, name.capitalize()), y=TOP + ROW * index + ROW / 2)
        for index, name in enumerate(LANES)
    )
    moments = sorted({fact.recorded_at for fact in facts} | ({now} if is_open and facts else set()))
    places = _places(moments)
    marks = _marks(facts, places, lanes)
    waits = _waits(facts, places, lanes, moments[-1] if moments else now)
    return Drawing(lanes=lanes, marks=marks, gaps=_gaps(moments, places), waits=waits)


def _places(moments: Sequence[datetime]) -> dict[datetime, float]:
    """Where each moment lies: gaps by the logarithm of their length, fitted to the width."""
    if not moments:
        return {}
    spans = [_drawn(later - earlier) for earlier, later in pairwise(moments)]
    room = WIDTH - LEFT - RIGHT - 20
    scale = room / sum(spans) if spans else 0.0
    places, x = {moments[0]: LEFT + 20.0}, LEFT + 20.0
    for moment, span in zip(moments[1:], spans, strict=True):
        x += span * scale
        places[moment] = x
    return places


def _drawn(gap: timedelta) -> float:
    ms = gap.total_seconds() * 1000
    return min(SHORTEST + 22 * log10(1 + ms), LONGEST)


def _gaps(moments: Sequence[datetime], places: dict[datetime, float]) -> tuple[Gap, ...]:
    pairs = pairwise(moments)
    return tuple(
        Gap(x=places[a], width=places[b] - places[a], text=length(b - a)) for a, b in pairs if b - a >= TOLD
    )


def _marks(facts: Sequence[Fact], places: dict[datetime, float], lanes: Sequence[Lane]) -> tuple[Mark, ...]:
    """Marks; those of one lane at one moment stand beside each other."""
    seen: dict[tuple[str, datetime], int] = {}
    marks = []
    for fact in facts:
        if fact.source not in LANES:
            continue
        key = (fact.source, fact.recorded_at)
        seen[key] = seen.get(key, 0) + 1
        x = places[fact.recorded_at] + 11 * (seen[key] - 1)
        marks.append(Mark(x=x, y=lanes[LANES.index(fact.source)].y, fact=fact))
    return tuple(marks)


def _waits(
    facts: Sequence[Fact], places: dict[datetime, float], lanes: Sequence[Lane], end: datetime
) -> tuple[Wait, ...]:
    """From each HELD of an agency to its next word, or to the outcome, or to the end."""
    waits = []
    for place, fact in enumerate(facts):
        if fact.mood != "held" or fact.source not in LANES:
            continue
        following = (later for later in facts[place + 1 :] if _ends(fact, later))
        until = next((later.recorded_at for later in following), end)
        if until > fact.recorded_at:
            x, y = places[fact.recorded_at], lanes[LANES.index(fact.source)].y
            text = str(fact.gate.get("code", "")) or "HELD"
            waits.append(Wait(x=x, y=y, width=places[until] - x, text=text))
    return tuple(waits)


def _ends(held: Fact, later: Fact) -> bool:
    """Whether a later fact ends a hold."""
    if later.source == "clearance":
        return held.source == "clearance" or later.name in ENDINGS
    return later.source == held.source and bool(later.gate)
