"""Mix: what kinds of filings, in what shares.

Drawn from the seed, a kind a number: the same seed and mix, the same kinds in the same order. Pure.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate

from sandbox.parcels import KINDS, Kind

STANDARD = "green=80,held=10,refused=5,amended=3,duplicate=2"


class BadMix(ValueError):
    """A mix that cannot be meant as it is written."""


def read_mix(text: str) -> dict[Kind, float]:
    """Shares by kind, of `green=80,held=10`; they need not add up to a hundred."""
    shares: dict[Kind, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        kind = next((kind for kind in KINDS if kind == name), None)
        if kind is None or not share.replace(".", "", 1).isdigit():
            raise BadMix(f"--mix {part!r}: write KIND=SHARE; kinds are {', '.join(KINDS)}")
        shares[kind] = float(share)
    if not sum(shares.values()):
        raise BadMix(f"--mix {text!r}: some share must be above 0")
    return shares


class Kinds:
    """The kind of every number, drawn when it is first asked for; a byte each."""

    def __init__(self, shares: Mapping[Kind, float], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - to be drawn again, not to be secret
        self._kinds = tuple(shares)
        self._steps = list(accumulate(shares.values()))
        self._drawn = bytearray()

    def __getitem__(self, number: int) -> Kind:
        while number >= len(self._drawn):
            drawn = self._chance.random() * self._steps[-1]
            self._drawn.append(min(bisect(self._steps, drawn), len(self._kinds) - 1))
        return self._kinds[self._drawn[number]]

    def __len__(self) -> int:
        return len(self._drawn)
