"""Pace: when each filing is due.

Send times are fixed before the first is sent: filing n is due at the moment its number says, whatever the window
does. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX = "max"
_RAMP = re.compile(r"([0-9.]+):([0-9.]+):([0-9.]+)s?")


class BadPace(ValueError):
    """A rate or ramp that cannot be meant as it is written."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of seconds over which the rate goes evenly from one to another (declarations a second)."""

    first: float
    last: float
    seconds: float

    @property
    def count(self) -> int:
        """Filings due within it."""
        return round((self.first + self.last) / 2 * self.seconds)

    def moment(self, number: int) -> float:
        """Seconds from its start at which filing `number` (from 0) is due."""
        slope = (self.last - self.first) / self.seconds
        if not slope:
            return number / self.first
        return (math.sqrt(max(0.0, self.first**2 + 2 * slope * number)) - self.first) / slope

    def rate(self, second: float) -> float:
        """The rate at a second of it."""
        return self.first + (self.last - self.first) * second / self.seconds

    def due(self, second: float) -> int:
        """Filings due by a second of it."""
        return int((self.first + self.rate(second)) / 2 * second)


@dataclass(frozen=True, slots=True)
class Pace:
    """Legs one after another; without legs as fast as the connections allow, for some seconds."""

    legs: tuple[Leg, ...]
    seconds: float

    def __str__(self) -> str:
        steps = [
            f"{leg.first:g}/s for {leg.seconds:g} s"
            if leg.first == leg.last
            else f"{leg.first:g} to {leg.last:g}/s in {leg.seconds:g} s"
            for leg in self.legs
        ]
        return ", then ".join(steps) or f"as fast as answers come for {self.seconds:g} s"

    @property
    def count(self) -> int | None:
        """Filings in all; None when nobody knows beforehand."""
        return sum(leg.count for leg in self.legs) if self.legs else None

    def moment(self, number: int) -> float:
        """Seconds from the start at which a filing is due."""
        start = 0.0
        for leg in self.legs:
            if number < leg.count:
                return start + leg.moment(number)
            number, start = number - leg.count, start + leg.seconds
        return start

    def due(self, second: float) -> int:
        """Filings due by a second; none in a closed loop."""
        due = 0
        for leg in self.legs:
            if second < leg.seconds:
                return due + leg.due(second)
            due, second = due + leg.count, second - leg.seconds
        return due

    def rate(self, second: float) -> float | None:
        """What is offered at a second; None in a closed loop."""
        for leg in self.legs:
            if second < leg.seconds:
                return leg.rate(second)
            second -= leg.seconds
        return 0.0 if self.legs else None


def pace_of(rate: str, ramps: Sequence[str], seconds: float) -> Pace:
    """The pace that arguments ask for: ramps one after another, else one rate, else `max`."""
    if not 0 < seconds < math.inf:
        raise BadPace(f"--seconds {seconds:g}: a run takes some time")
    if ramps:
        legs = tuple(map(_leg, ramps))
        return Pace(legs, sum(leg.seconds for leg in legs))
    if rate == MAX:
        return Pace((), seconds)
    steady = _number(rate)
    return Pace((Leg(steady, steady, seconds),), seconds)


def _leg(text: str) -> Leg:
    found = _RAMP.fullmatch(text)
    if found is None:
        raise BadPace(f"--ramp {text}: write FROM:TO:SECONDSs, as in 500:2000:60s")
    first, last, seconds = map(_number, found.groups())
    return Leg(first, last, seconds)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise BadPace(f"{text!r} is no number above 0 (a rate may also be `{MAX}`)")
    return value
