"""Windows: until when goods may go back.

Dated data: which window is in force on the day of release, and its last moments. Days are those of the
jurisdiction's zone; a moment at which a window closes is the midnight after its last day, the first that is too late.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

BUNDLED = Path(__file__).parent / "data" / "return-windows-cn.toml"
DAY = timedelta(days=1)
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had no summer time since 1991: a fixed offset is exact, and needs no table of zones."""


class BrokenWindows(ValueError):
    """The windows are not consistent: none of them is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long goods may go back that were released from a day to a day (both included)."""

    valid_from: date
    valid_to: date | None = None
    apply_days: int
    """After the day of release, to ask for the return."""
    arrive_days: int
    """After the day of release, to have the goods back."""
    source: str
    confidence: Literal["high", "medium", "low"]

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        if not 0 < self.apply_days <= self.arrive_days:
            raise ValueError("needs 0 < apply_days <= arrive_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The window of one release."""

    released_at: datetime
    apply_by: datetime
    """The first moment at which a request is too late."""
    back_by: datetime
    """The first moment at which the goods are too late."""
    source: str


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows, in order, and whose midnight closes them."""

    zone: tzinfo
    windows: Sequence[Window]

    def __post_init__(self) -> None:
        for older, newer in pairwise(self.windows):
            if older.valid_to is None or older.valid_to + DAY != newer.valid_from:
                raise BrokenWindows(f"the window of {newer.valid_from} does not follow the one before it")

    def terms(self, released_at: datetime) -> Terms | None:
        """Until when goods released at a moment may go back; None for a day that has no window."""
        day = released_at.astimezone(self.zone).date()
        for window in self.windows:
            if window.valid_from <= day and (window.valid_to is None or day <= window.valid_to):
                return Terms(
                    released_at=released_at,
                    apply_by=self._end(day + window.apply_days * DAY),
                    back_by=self._end(day + window.arrive_days * DAY),
                    source=window.source,
                )
        return None

    def _end(self, last: date) -> datetime:
        return datetime.combine(last + DAY, time.min, self.zone)


class _Page(msgspec.Struct, forbid_unknown_fields=True):
    """The data file."""

    zone: str
    window: list[dict[str, Any]]


def _window(table: dict[str, Any]) -> Window:
    unknown = table.keys() - {field.name for field in fields(Window)}
    if unknown:
        raise ValueError(f"a window has no {', '.join(sorted(unknown))}")
    return msgspec.convert(table, Window)


def read_windows(text: str) -> Windows:
    """The windows of a data file; raises `BrokenWindows` where they cannot be meant as they stand."""
    try:
        page = msgspec.convert(tomllib.loads(text), _Page)
        zone = SHANGHAI if page.zone == "Asia/Shanghai" else ZoneInfo(page.zone)
        found = [_window(table) for table in page.window]
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError, KeyError) as error:
        raise BrokenWindows(str(error)) from error
    return Windows(zone, found)


@cache
def windows() -> Windows:
    """The bundled ones."""
    return read_windows(BUNDLED.read_text(encoding="utf-8"))
