"""Calendar: days, zones, and what holds when.

Law changes at midnight in the jurisdiction's own zone. The moment of filing decides, never that of processing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one zone and has had no summer time since 1991: a fixed offset is exact, and quick."""

DAY = timedelta(days=1)


class BrokenLaw(ValueError):
    """A file of rules is not consistent: it stays out of force as a whole."""


class Dated(Protocol):
    """Anything that holds from a day to a day, both included."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


class Timeline(Generic[D]):
    """Things that follow each other; at most one holds on a day."""

    def __init__(self, things: Sequence[D]) -> None:
        self.things = tuple(sorted(things, key=_begins))
        self._days = [thing.valid_from for thing in self.things]

    def on(self, day: date) -> D | None:
        """What holds on a day."""
        place = bisect_right(self._days, day) - 1
        if place < 0:
            return None
        thing = self.things[place]
        return thing if thing.valid_to is None or day <= thing.valid_to else None

    def clash(self) -> tuple[D, D] | None:
        """Two that hold on the same day, older first."""
        return next(
            ((older, newer) for older, newer in pairwise(self.things) if _overlap(older, newer)), None
        )

    def gap(self) -> tuple[D, D] | None:
        """Two with days between them on which nothing holds, and no reason why."""
        return next(((older, newer) for older, newer in pairwise(self.things) if _apart(older, newer)), None)

    def changes(self) -> Iterator[date]:
        """The days from which something else holds."""
        for thing in self.things:
            yield thing.valid_from
            if thing.valid_to is not None and thing.valid_to < date.max:
                yield thing.valid_to + DAY


def _begins(thing: Dated) -> date:
    return thing.valid_from


def _overlap(older: Dated, newer: Dated) -> bool:
    return older.valid_to is None or older.valid_to >= newer.valid_from


def _apart(older: Dated, newer: Dated) -> bool:
    if getattr(newer, "after_gap", ""):
        return False
    return older.valid_to is not None and newer.valid_from - older.valid_to > DAY


def zone_named(name: str) -> tzinfo:
    """The zone of a jurisdiction."""
    if name == "Asia/Shanghai":
        return SHANGHAI
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone {name!r} here") from error


def day_of(moment: datetime, zone: tzinfo = SHANGHAI) -> date:
    """The day of a moment in a zone; in China's unless another is named."""
    return moment.astimezone(zone).date()
