"""Processes: killed, stopped, stopped in pulses; replicas that come and go, and one that wakes up late."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.chaos.fault import Fault
from tests.chaos.ready import is_ready
from tests.chaos.world import HEARERS, World

SERVICES = ("registry", "portal", "declaration", "tax", "quarantine", "logistics", "clearance")
ZOMBIE_SLEEP = 16.0
"""Seconds: longer than the session time-out of a consumer (10), so that its partitions move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill(Fault):
    """kill -9; the supervisor starts it again after a moment."""

    family: str = "kill"

    async def inject(self, world: World, chance: random.Random) -> None:
        strike_dead(world, self.target, rest=chance.choice([0.0, 0.0, 3.0, 8.0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Fault):
    """SIGSTOP for 30 s: nothing is closed, nothing answers; then SIGCONT."""

    family: str = "stop"
    lasts: float = 30.0

    async def inject(self, world: World, chance: random.Random) -> None:
        world.signal(self.target, signal.SIGSTOP)

    async def heal(self, world: World) -> None:
        world.signal(self.target, signal.SIGCONT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse(Fault):
    """Ten times stopped for a second: what is slow, and never quite away."""

    family: str = "pulse"

    async def inject(self, world: World, chance: random.Random) -> None:
        for _ in range(10):
            world.signal(self.target, signal.SIGSTOP)
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            world.signal(self.target, signal.SIGCONT)
            await asyncio.sleep(chance.uniform(0.2, 0.8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas(Fault):
    """A second replica joins, is killed, joins again and leaves in order: each forces a rebalance under load."""

    family: str = "replicas"

    async def inject(self, world: World, chance: random.Random) -> None:
        replica = f"r{chance.randrange(10**6)}"
        address = await world.start_replica(self.target, replica)
        await is_ready(address, seconds=30)
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        strike_dead(world, f"{self.target}-{replica}")
        await asyncio.sleep(chance.uniform(2.0, 6.0))
        await is_ready(address, seconds=30)
        await world.end(f"{self.target}-{replica}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zombie(Fault):
    """The first replica sleeps until its partitions are a second one's, then wakes in the middle of its work."""

    family: str = "zombie"

    async def inject(self, world: World, chance: random.Random) -> None:
        replica = f"z{chance.randrange(10**6)}"
        address = await world.start_replica(self.target, replica)
        await is_ready(address, seconds=30)
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        world.signal(self.target, signal.SIGSTOP)
        try:
            await asyncio.sleep(ZOMBIE_SLEEP)
        finally:
            world.signal(self.target, signal.SIGCONT)
        await asyncio.sleep(chance.uniform(1.0, 4.0))
        await world.end(f"{self.target}-{replica}")


def strike_dead(world: World, name: str, rest: float = 0.0) -> None:
    """kill -9; who is dead already by another fault stays so."""
    with suppress(ProcessLookupError, KeyError):
        world.kill(name, rest)


def faults(brokers: Sequence[str]) -> list[Fault]:
    """All of them."""
    return [
        *(Kill(target=name) for name in (*SERVICES, *brokers, "postgres", "gateway")),
        *(Stop(target=name) for name in (*SERVICES, *brokers, "postgres")),
        *(Pulse(target=name) for name in (*brokers, "postgres")),
        *(Replicas(target=name) for name in HEARERS),
        *(Zombie(target=name) for name in HEARERS),
    ]
