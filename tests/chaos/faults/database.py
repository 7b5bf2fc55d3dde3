"""Database: locked tables, a release with a fault in it, full disks, moved clocks."""

from __future__ import annotations

import asyncio
import math
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import disks
from tests.chaos.fault import Fault
from tests.chaos.world import HEARERS, World, patiently

TABLES = {"tax": "assessments", "quarantine": "reviews", "logistics": "bookings", "clearance": "cases"}
"""A table that a service's handlers cannot do without."""
LOCKED = (3.5, 6.0)
"""Seconds: longer than a service waits for a lock."""
UNDER_WAY = 5.0
"""Seconds within which an answer comes that was made while a table was away."""
LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Fault):
    """Somebody holds a service's heads for longer than it waits for a lock, three times."""

    family: str = "lock"

    async def inject(self, world: World, chance: random.Random) -> None:
        for _ in range(3):
            await patiently(lambda: self._hold(world, chance.uniform(*LOCKED)))
            await asyncio.sleep(chance.uniform(0.2, 1.0))

    async def _hold(self, world: World, seconds: float) -> None:
        async with world.sql(self.target) as connection, connection.transaction():
            await connection.execute("lock table heads in exclusive mode")
            await connection.execute("select pg_sleep($1::float)", seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRelease(Fault):
    """A table is not there, as after a release with a fault: events are parked, and released once it is mended."""

    family: str = "bad-release"
    lasts: float = 8.0

    async def inject(self, world: World, chance: random.Random) -> None:
        table = TABLES[self.target]
        world.spoilt[self.target] = math.inf
        await self._rename(world, table, f"{table}_away")

    async def heal(self, world: World) -> None:
        table = TABLES[self.target]
        await self._rename(world, f"{table}_away", table)
        world.spoilt[self.target] = time.monotonic() + UNDER_WAY

    async def _rename(self, world: World, old: str, new: str) -> None:
        async def once() -> None:
            async with world.sql(self.target) as connection:
                if await connection.fetchval("select to_regclass($1) is not null", old):
                    await connection.execute(f"alter table {old} rename to {new}")

        await patiently(once)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullDisk(Fault):
    """No byte more goes onto its disk for a while."""

    family: str = "full-disk"
    lasts: float = 15.0

    @property
    def missing(self) -> str:
        return disks.missing()

    async def inject(self, world: World, chance: random.Random) -> None:
        disks.fill(world.root.path, self.target)

    async def heal(self, world: World) -> None:
        disks.empty(world.root.path, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Fault):
    """A service starts with its clock moved, and again with the right one.

    By two hours; by 40 s where callers' tokens are its matter.
    """

    family: str = "clock"
    lasts: float = 15.0

    @property
    def missing(self) -> str:
        return "" if library() else "libfaketime (Debian package; or CHAOS_FAKETIME=its .so file)"

    async def inject(self, world: World, chance: random.Random) -> None:
        far = self.target not in ("registry", "declaration")
        offset = chance.choice(["+7200", "-7200"] if far else ["+40", "-40"])
        world.altered[self.target] = {
            "LD_PRELOAD": str(library()),
            "FAKETIME": offset,
            "DONT_FAKE_MONOTONIC": "1",
        }
        await world.start_anew(self.target)

    async def heal(self, world: World) -> None:
        world.altered.pop(self.target, None)
        await world.start_anew(self.target)


def library() -> Path | None:
    """The library that moves the clock of one process."""
    named = (os.environ.get("CHAOS_FAKETIME", ""), *LIBRARIES)
    return next((Path(name) for name in named if name and Path(name).is_file()), None)


def faults() -> list[Fault]:
    """All of them."""
    return [
        *(Lock(target=name) for name in HEARERS),
        *(BadRelease(target=name) for name in TABLES),
        *(FullDisk(target=name) for name in disks.DISKS),
        *(Clock(target=name) for name in ("registry", *HEARERS)),
    ]
