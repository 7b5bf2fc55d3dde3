"""Lines: what may happen between a service and its broker or database."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from tests.chaos.fault import Fault
from tests.chaos.world import World

ENDS = ("broker", "database")
ALL_BUT_US = """select pg_terminate_backend(pid) from pg_stat_activity
                where usename is not null and pid <> pg_backend_pid()"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Fault):
    """Every connection is torn, five times within some seconds."""

    family: str = "reset"

    async def inject(self, world: World, chance: random.Random) -> None:
        for _ in range(5):
            await world.tell(self.target, "reset")
            await asyncio.sleep(chance.uniform(0.3, 2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Fault):
    """Connections are torn, and new ones refused for a while."""

    family: str = "refuse"
    lasts: float = 12.0

    async def inject(self, world: World, chance: random.Random) -> None:
        await world.tell(self.target, "close")

    async def heal(self, world: World) -> None:
        await world.tell(self.target, "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Fault):
    """Connections stay and nothing comes through: only deadlines notice."""

    family: str = "silence"
    lasts: float = 20.0

    async def inject(self, world: World, chance: random.Random) -> None:
        await world.tell(self.target, "silence")

    async def heal(self, world: World) -> None:
        await world.tell(self.target, "speak")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Fault):
    """Each piece takes a fifth of a second."""

    family: str = "slow"
    lasts: float = 20.0

    async def inject(self, world: World, chance: random.Random) -> None:
        await world.tell(self.target, "slow", delay=0.2)

    async def heal(self, world: World) -> None:
        await world.tell(self.target, "slow", delay=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminate(Fault):
    """The database ends every session, five times."""

    family: str = "terminate"

    async def inject(self, world: World, chance: random.Random) -> None:
        for _ in range(5):
            async with world.sql("postgres") as connection:
                await connection.execute(ALL_BUT_US)
            await asyncio.sleep(chance.uniform(0.2, 1.5))


def faults() -> list[Fault]:
    """All of them."""
    kinds = (Reset, Refuse, Silence, Slow)
    return [*(kind(target=end) for kind in kinds for end in ENDS), Terminate(target="sessions")]
