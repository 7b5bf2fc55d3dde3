"""Chance: the same seed, the same draw.

Every made-up fact is drawn from (seed, what it is about), so that a run can be repeated to the letter and a changed
order changes nothing but itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chance:
    """Draws by name, all from one seed."""

    seed: str

    def below(self, limit: int, *about: object) -> int:
        """A number 0..limit-1 for a thing."""
        text = "\x1f".join((self.seed, *map(str, about)))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % limit

    def percent(self, share: int, *about: object) -> bool:
        """True for about `share` in a hundred things."""
        return self.below(100, *about) < share

    def pick(self, options: Sequence[T], *about: object) -> T:
        """One of some options."""
        return options[self.below(len(options), *about)]
