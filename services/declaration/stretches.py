"""Stretches of time: how far a list looks back at a time.

A step takes all ids of a stretch, which ends with the newest that is stored below the last step: years in which
nothing was filed cost nothing. Stretches grow while they hold little, and shrink when they hold more than is read at
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

FEW = 500
"""Rows that are read at once, each from a page of its own: 0.3 s from a slow disk."""
WEEK = 7 * 86_400_000
"""Milliseconds of the longest stretch of what all have filed: at 100 a second its part of the key takes 5 s."""
EVER = 2**48
_FACTOR = 4
_LOWEST, _HIGHEST = str(UUID(int=0)), str(UUID(int=2**128 - 1))


def bounds_of(values: Mapping[str, str]) -> tuple[str, str]:
    """Where a list begins, and what lies above its end."""
    ends = [values[name] for name in ("until", "before") if name in values]
    return values.get("since", _LOWEST), min(ends, default=_HIGHEST)


def _milliseconds(declaration_id: str) -> int:
    return UUID(declaration_id).int >> 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the next stretch is, and how long one may be; in milliseconds."""

    span: int
    longest: int = WEEK

    @classmethod
    def of(cls, newest: str | None, lower: str | None, longest: int) -> Self:
        """Some times as long as what lies between two declarations; all there is, if there is no lower one."""
        if newest is None or lower is None:
            return cls(span=longest, longest=longest)
        between = _milliseconds(newest) - _milliseconds(lower)
        return cls(span=min(longest, between * _FACTOR), longest=longest)

    def start(self, newest: str) -> str:
        """The lowest id of the stretch that ends with a declaration."""
        return str(UUID(int=max(0, _milliseconds(newest) - self.span) << 80))

    def is_too_much(self, among: int) -> bool:
        """Whether so many are not read at once; a millisecond is not cut."""
        return among > FEW and self.span > 0

    def following(self, among: int) -> Self:
        """After a stretch that held so many: as long again, unless that was too much, or little."""
        if self.is_too_much(among):
            return replace(self, span=self.span // _FACTOR)
        grown = min(self.longest, max(1, self.span) * _FACTOR)
        return replace(self, span=grown) if among * _FACTOR <= FEW else self
