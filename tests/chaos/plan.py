"""Plan: which fault strikes when, drawn from a seed.

The same seed, number and choice give the same faults in the same order at the same offsets of time.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.fault import Fault

SHORTEST, LONGEST = 13.0, 33.0
"""Seconds between one fault and the next: some overlap, and 40 faults take 16 minutes at the most."""

MANY = 5
"""Members of a family that come once in a round."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault at its moment."""

    number: int
    at: float
    """Seconds after the load began."""
    fault: Fault
    seed: str
    """What the fault itself draws from."""

    @property
    def chance(self) -> random.Random:
        return random.Random(self.seed)


def draw(seed: int, count: int, faults: Sequence[Fault]) -> list[Strike]:
    """The campaign of a seed: every family comes before any comes again, and of a family every member."""
    chance, families = random.Random(f"plan-{seed}"), _by_family(faults)
    at, left, decks = chance.uniform(3.0, 8.0), list[str](), dict[str, list[Fault]]()
    strikes = []
    for number in range(1, count + 1):
        left = left or _round(families, chance)
        family = left.pop()
        deck = decks[family] = decks.get(family) or chance.sample(families[family], len(families[family]))
        strikes.append(Strike(number, round(at, 1), deck.pop(), f"{seed}-{number}"))
        at += chance.uniform(SHORTEST, LONGEST)
    return strikes


def _round(families: Mapping[str, Sequence[Fault]], chance: random.Random) -> list[str]:
    """Every family once, one of many members more often."""
    often = [name for name in sorted(families) for _ in range(max(1, round(len(families[name]) / MANY)))]
    return chance.sample(often, len(often))


def chosen(faults: Sequence[Fault], only: str) -> list[Fault]:
    """The faults named, or of the families named, with commas; all, where nothing is named."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    unknown = [name for name in names if not any(name in (fault.name, fault.family) for fault in faults)]
    if unknown:
        known = ", ".join(fault.name for fault in faults)
        raise ValueError(f"no fault is called {', '.join(unknown)}. There are: {known}")
    return [fault for fault in faults if not names or {fault.name, fault.family} & set(names)]


def _by_family(faults: Sequence[Fault]) -> dict[str, list[Fault]]:
    families: dict[str, list[Fault]] = {}
    for fault in faults:
        families.setdefault(fault.family, []).append(fault)
    return families
