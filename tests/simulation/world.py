"""World: five services, a broker, their clients and what befalls them, under one seed.

A schedule has two halves. In the first everything may happen; in the second nothing new does, what is parked is
released, and everything must come to rest. What the rows then say is checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from services.tax.quota import Quota
from shared.runtime.bus import Place
from tests.simulation import protocol
from tests.simulation.actors import actors_of
from tests.simulation.broker import Broker
from tests.simulation.faults import draw_faults
from tests.simulation.hazards import CALM, Hazards, draw_odds
from tests.simulation.loop import OUTSIDE, Process, SeededLoop
from tests.simulation.officers import Operator
from tests.simulation.parts import REAL, Parts
from tests.simulation.replica import Replica, Shelf
from tests.simulation.rooms import ROOMS
from tests.support.builders import NOW
from tests.support.memory_database import MemoryDatabase

REST = 60.0
"""Seconds nobody does anything for: then it is quiet."""
MOST_STEPS = 60_000
RELEASES = 4
"""How often an operator tries what is parked before he gives it up."""
NEAR_THE_LIMIT = Decimal(25800)


class Restless(AssertionError):
    """The faults are over, and it does not come to rest."""


class World:
    """One schedule."""

    def __init__(self, seed: int, parts: Parts = REAL) -> None:
        self.seed, self.parts = seed, parts
        self.random = Random(seed)
        self.loop = SeededLoop(self.random)  # type: ignore[abstract]  # what asyncio's tasks need is there
        self.hazards = Hazards(self.random, self.loop, draw_odds(self.random))
        self.hazards.on_crash = self._restart_later
        self.hazards.on_zombie = self._leave_behind
        self.broker = Broker(self.random, self.hazards)
        self.broker.on_let_go = self._look_at_let_go
        self.count = self.random.choice((1, 1, 2, 2, 3))
        self.databases: dict[str, MemoryDatabase] = {}
        self.shelves: dict[str, Shelf] = {}
        self.replicas: dict[str, list[Replica]] = {}
        self.acknowledged: dict[str, str] = {}
        """Filings that were answered with a receipt, by their key."""
        self.requested: dict[str, str] = {}
        """Requests that were answered with a yes, and their declarations."""
        self.garbled: set[tuple[str, int, int]] = set()
        """Records that are no copies of their facts: topic, partition, offset."""
        self.let_go_unsaid: list[str] = []
        """Effects that offsets have passed and nobody would have said after a crash at that moment."""
        self.used_before: dict[tuple[str, int], Decimal] = {}
        """Quota used in earlier declarations."""
        for service, room in ROOMS.items():
            self._build(service, room.sources)
        if self.random.random() < 0.3:
            self._use_up_quota()

    def _build(self, service: str, sources: list[str]) -> None:
        skew = timedelta(seconds=self.random.choice((0, 0, 0, -90, 5)))
        database = MemoryDatabase(self._clock(skew), self.hazards.pause)
        self.databases[service], self.shelves[service] = database, Shelf(database)
        members = self.random.choice((1, 2, 2))
        self.broker.join(service, sources, members)
        self.replicas[service] = [self._replica(service, number) for number in range(members)]

    def _clock(self, skew: timedelta) -> Callable[[], datetime]:
        return lambda: NOW + skew + timedelta(seconds=self.loop.time())

    def _replica(self, service: str, number: int) -> Replica:
        return Replica(service, number, self.databases[service], self.broker, self.hazards, self.parts)

    def _use_up_quota(self) -> None:
        key = (f"{0:064x}", NOW.year)
        self.databases["tax"].tables["quotas"][key] = Quota(buyer=key[0], year=key[1], used=NEAR_THE_LIMIT)
        self.used_before[key] = NEAR_THE_LIMIT

    def _look_at_let_go(self, service: str, place: Place, first: int) -> None:
        self.let_go_unsaid += protocol.let_go_unsaid(self, service, place, first)

    # --- lives ---

    def _restart_later(self, process: Process) -> None:
        service, number = process.name.split("/")
        self.loop.start(OUTSIDE, self._restart(service, int(number)))

    async def _restart(self, service: str, number: int) -> None:
        if self.random.random() < 0.7:
            self.broker.deal(service)
        await asyncio.sleep(self.random.choice((0.01, 0.5, 5.0)))
        replica = self._replica(service, number)
        self.replicas[service][number] = replica
        replica.start(self.shelves[service])
        self.broker.deal(service)

    def _leave_behind(self, process: Process) -> None:
        service, number = process.name.split("/")
        self.hazards.note("ZOMBIE", process.name)
        process.frozen_until = self.loop.steps + self.random.choice((20, 60, 200))
        self.broker.deal(service, without=int(number))

    # --- a schedule ---

    def run(self) -> None:
        """From the first filing to rest, and on until every deadline has run."""
        with self.loop, self.parts.planted():
            for replicas in self.replicas.values():
                for replica in replicas:
                    replica.start(self.shelves[replica.service])
            for actor in actors_of(self, self.random):
                self.loop.start(OUTSIDE, actor.live())
            self._befall(self.random.choice((300, 800, 2000)))
            self._calm_down()

    def _befall(self, steps: int) -> None:
        due = draw_faults(self, steps)
        for step in range(steps):
            while due and due[-1][0] <= step:
                due.pop()[1]()
            if not self.loop.step():
                break

    def _calm_down(self) -> None:
        self.hazards.note("-- nothing new happens; what is parked is released")
        self.hazards.odds = CALM
        self.hazards.poison.clear()
        for service in self.databases:
            self.broker.deal(service)
        self._settle(within=600.0)
        for _ in range(RELEASES):
            if not self._has_parked():
                break
            self.loop.start(OUTSIDE, Operator(self).release_all())
            self._settle(within=600.0)

    def _has_parked(self) -> bool:
        waits = (row for each in self.databases.values() for row in each.tables["waiting"].values())
        return any(row.state == "parked" for row in waits)

    def _settle(self, within: float) -> None:
        end = self.loop.time() + within
        for _ in range(MOST_STEPS):
            moment = self.loop.next_moment()
            if moment is None or moment > self.loop.time() + REST:
                return
            if self.loop.time() > end:
                break
            self.loop.step()
        raise Restless(f"does not come to rest: {self.unrest()}")

    def wait_out(self) -> None:
        """Let every deadline run: years pass."""
        with self.loop, self.parts.planted():
            for _ in range(MOST_STEPS):
                if not self.loop.step():
                    return
        raise Restless(f"deadlines do not come to an end: {self.unrest()}")

    def unrest(self) -> str:
        """What is still to be done."""
        found = [f"lag {self.broker.lag()}"]
        for service, database in self.databases.items():
            for table in ("outbox", "waiting", "timers"):
                rows = list(database.tables[table])
                found += [f"{service} {table} {rows[:3]}"] if rows else []
        return "; ".join(found)
