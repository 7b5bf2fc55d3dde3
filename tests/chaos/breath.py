"""Breath: whether the machine had time for the campaign itself.

Callers and officers are played by one process. Where that is late, the window looks slow and is not; the report says
by how much, so that a slow machine is not taken for a slow window.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from statistics import median

BEAT = 0.5


@dataclass(slots=True)
class Breath:
    """How late the campaign's own process was, each time it wanted to go on after half a second."""

    late: list[float] = field(default_factory=list)
    """Seconds."""
    load: float = 0.0
    """The most processes that wanted the machine, as a mean of a minute."""

    async def watch(self) -> None:
        """For ever."""
        while True:
            begun = time.monotonic()
            await asyncio.sleep(BEAT)
            self.late.append(time.monotonic() - begun - BEAT)
            self.load = max(self.load, os.getloadavg()[0])

    @property
    def median(self) -> float:
        return round(median(self.late), 3) if self.late else 0.0

    @property
    def worst(self) -> float:
        return round(max(self.late, default=0.0), 1)

    def __str__(self) -> str:
        cores = os.cpu_count()
        return (
            f"{cores} cores, up to {self.load:.0f} processes at a time wanted them; "
            f"the campaign itself was {self.median:g} s late in the middle, {self.worst:g} s at worst"
        )
