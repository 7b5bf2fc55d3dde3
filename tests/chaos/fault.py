"""Fault: what every fault is made of."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.chaos.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong for a while: `inject` begins it, `heal` ends it."""

    family: str
    target: str = ""
    lasts: float = 0.0
    """Seconds between the two."""

    @property
    def name(self) -> str:
        """As it is asked for by ONLY and named in the report."""
        return f"{self.family}-{self.target}" if self.target else self.family

    @property
    def missing(self) -> str:
        """What this machine lacks for it; empty when it can be had."""
        return ""

    async def inject(self, world: World, chance: random.Random) -> None:
        """Begin."""
        raise NotImplementedError

    async def heal(self, world: World) -> None:
        """End; nothing to do where it ends by itself."""
