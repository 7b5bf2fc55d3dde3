"""Window: our platform under the generator.

One stack, started once; each measurement is one run of `cli/load` against it, with an account that must match.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.credentials import credentials
from cli.load.command import DEPOSIT, filers
from cli.load.pace import Leg, Pace
from cli.load.report import cpu_us, permits_per_s, write
from cli.load.run import Campaign, Outcome
from cli.load.series import Point
from cli.load.usage import cpu_seconds, usage
from cli.load.wire import Place
from cli.load.wish import Wish
from deploy.local.paths import CHECKOUT, STATE, forget_abandoned
from deploy.local.stack import Stack
from sandbox.parcels import Kind
from tests.load.figures import Figures

GREEN: Mapping[Kind, float] = {"green": 1}
REPORTS = CHECKOUT / "build" / "bench"
OPERATOR = "operator"
PILE = 1500.0
"""Filings a second while they pile up."""
HARDLY = 1000
"""Records: who is so far behind at the most has caught up."""
SEEN = 0.5
"""Seconds after which a run has begun."""


class Mismatch(AssertionError):
    """The account of a run does not match: no figure of it counts."""


class Window:
    """The platform of a benchmark."""

    def __init__(self, stack: Stack, figures: Figures) -> None:
        self.stack, self.figures = stack, figures

    async def run(
        self, pace: Pace, seed: int, *, batch: int = 1, connections: int = 256, is_away: bool = False
    ) -> Outcome:
        """File at a pace, and account for it; `is_away` while agencies are: no deposit, and more patience."""
        wish = Wish(
            place=Place.of(self.stack.gateway_url),
            pace=pace,
            batch=batch,
            mix=GREEN,
            seed=seed,
            connections=connections,
            clients=filers(()),
            watcher=credentials(OPERATOR, OPERATOR),
            deposit="" if is_away else DEPOSIT,
            quiet=60.0 if is_away else 3.0,
            pids=self.stack.pids(),
        )
        outcome = await Campaign(wish, lambda _point: None).run()
        write(outcome, f"benchmark: {pace}, {batch} a request, seed {seed}", REPORTS)
        if not outcome.account.is_ok:
            raise Mismatch(f"{outcome.account.line} {outcome.account.faults}")
        return outcome

    async def bulk(self, seconds: float, seed: int) -> Outcome:
        """Batches of 200 as fast as answers come."""
        outcome = await self.run(Pace((), seconds), seed, batch=200, connections=8)
        self.figures.add("bulk_permits_per_s", permits_per_s(outcome))
        self.figures.add("cpu_us_bulk", sum(cpu_us(outcome).values()))
        return outcome

    async def single(self, seconds: float, seed: int) -> Outcome:
        """One POST each, 256 at once, as fast as answers come."""
        outcome = await self.run(Pace((), seconds), seed)
        self.figures.add("single_permits_per_s", permits_per_s(outcome))
        self.figures.add("cpu_us_single", sum(cpu_us(outcome).values()))
        self.figures.add("generator_cpu_us", cpu_us(outcome)["generator"])
        return outcome

    async def latency(self, rate: float, seconds: float, seed: int) -> Outcome:
        """One POST each at a rate: how long the answer and the permit take."""
        outcome = await self.run(steady(rate, seconds), seed)
        ledger = outcome.ledger
        self.figures.add("permit_p50_ms", ledger.permitted.get_value_at_percentile(50) / 1000)
        self.figures.add("permit_p99_ms", ledger.permitted.get_value_at_percentile(99) / 1000)
        self.figures.add("ack_p99_ms", ledger.acknowledged.get_value_at_percentile(99) / 1000)
        return outcome

    async def open(self, rate: float, seconds: float, seed: int) -> Outcome:
        """One POST each at a rate that is to be sustained."""
        outcome = await self.run(steady(rate, seconds), seed)
        self.figures.add("open_permits_per_s", permits_per_s(outcome))
        sending = [point for point in outcome.points if point.second <= seconds]
        self.figures.add("open_late", float(sending[-1].late) if sending else None)
        return outcome

    async def overload(self, rate: float, seconds: float, seed: int) -> Outcome:
        """More than it bears: refused early, nothing lost (the account says so)."""
        outcome = await self.run(steady(rate, seconds), seed, connections=1000)
        totals = outcome.ledger.totals
        self.figures.add("overload_busy_part", totals.busy / max(1, totals.sent))
        self.figures.add(
            "overload_ack_p99_ms", outcome.ledger.acknowledged.get_value_at_percentile(99) / 1000
        )
        return outcome

    async def catch_up(self, rate: float, stopped: float, seed: int, agency: str = "tax") -> Outcome:
        """An agency is stopped for a while and comes back, while filing goes on."""
        before, after = 5.0, stopped

        async def stop_and_start() -> datetime:
            await asyncio.sleep(before)
            await self.stack.stop_services([agency])
            await asyncio.sleep(stopped)
            await self.stack.start_services([agency])
            return datetime.now(UTC)

        stopping = asyncio.create_task(stop_and_start())
        outcome = await self.run(steady(rate, before + stopped + after), seed)
        returned = (await stopping - outcome.began_at).total_seconds()
        self.figures.add("catchup_s", caught_up(outcome.points, agency, returned))
        self.figures.add("catchup_ack_p99_ms", outcome.ledger.acknowledged.get_value_at_percentile(99) / 1000)
        return outcome

    async def pile_up(self, count: int, agencies: Sequence[str], seed: int) -> float:
        """CPU us a declaration when so many have piled up before the agencies start; their starting left out."""
        await self._restart(agencies)
        starting = sum(cpu_seconds(self._pids(agencies)).values())
        pace = steady(PILE, count / PILE)
        filing = asyncio.create_task(self.run(pace, seed, batch=200, connections=8, is_away=True))
        await asyncio.sleep(SEEN)  # by then the run knows how many had been settled before
        before = sum(spent for name, spent in self._spent().items() if name not in agencies)
        await self.stack.stop_services(agencies)
        await asyncio.sleep(pace.seconds)
        await self._restart(agencies)
        samples: list[tuple[datetime, float]] = []
        watching = asyncio.create_task(self._watch(samples))
        outcome = await filing
        watching.cancel()
        end = outcome.began_at + timedelta(
            seconds=outcome.settled_s
        )  # what follows is the account, not the work
        used = next((spent for at, spent in samples if at >= end), samples[-1][1])
        return (used - before - starting) / outcome.account.filed * 1e6

    async def _watch(self, samples: list[tuple[datetime, float]]) -> None:
        """CPU seconds of all processes, ten times a second."""
        while True:
            samples.append((datetime.now(UTC), sum(self._spent().values())))
            await asyncio.sleep(0.1)

    async def _restart(self, names: Sequence[str]) -> None:
        await self.stack.stop_services(names)
        await self.stack.start_services(names)
        await self.stack.wait_ready()

    def _pids(self, names: Sequence[str]) -> dict[str, int]:
        return {name: pid for name, pid in self.stack.pids().items() if name in names}

    def _spent(self) -> dict[str, float]:
        return {**cpu_seconds(self.stack.pids()), "generator": time.process_time()}

    async def idle(self, seconds: float) -> None:
        """Cores used while nothing is filed."""
        before = sum(cpu_seconds(self.stack.pids()).values())
        await asyncio.sleep(seconds)
        after = sum(cpu_seconds(self.stack.pids()).values())
        self.figures.add("idle_cores", (after - before) / seconds)

    def memory(self) -> dict[str, float]:
        """Megabytes that each process holds now; PostgreSQL's shared buffers count in each backend, so not it."""
        pids = {name: pid for name, pid in self.stack.pids().items() if name != "postgres"}
        return {name: used.memory / 1e6 for name, used in usage(pids).items()}


def caught_up(points: Sequence[Point], agency: str, returned: float) -> float | None:
    """Seconds from an agency's return until it was hardly behind any more; None where nobody saw how far it was."""
    seen = [point for point in points if point.second > returned and agency in point.lag]
    behind = [point.second for point in seen if point.lag[agency] > HARDLY]
    return max(behind, default=returned) - returned if seen else None


def steady(rate: float, seconds: float) -> Pace:
    """One rate all the time."""
    return Pace((Leg(rate, rate, seconds),), seconds)


def fresh_root() -> Path:
    """A folder for one benchmark, of this process alone."""
    forget_abandoned()
    return STATE / f"bench-{os.getpid()}"
