"""Series: what was seen, second by second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec

from cli.load.agenda import Agenda
from cli.load.ledger import Ledger, Totals, quantile
from cli.load.lookout import Lookout, Tally
from cli.load.pace import Pace
from cli.load.usage import between

ENDED = "ended"
GENERATOR = "generator"


class Point(msgspec.Struct, kw_only=True, frozen=True):
    """One second of a run; counts are of this second, but for the lag. Milliseconds; CPU in parts of a core."""

    second: float
    offered: float | None
    sent: int
    acknowledged: int
    refused: int
    busy: int
    failed: int
    late: int
    """Filings that are due and not sent yet."""
    permits: int | None
    p50_ms: float | None
    p99_ms: float | None
    lag: dict[str, int]
    cpu: dict[str, float]


class Series:
    """Records points until it is cancelled."""

    def __init__(self, lookout: Lookout, ledger: Ledger, pace: Pace, say: Callable[[Point], None]) -> None:
        self._lookout, self._ledger, self._pace, self._say = lookout, ledger, pace, say
        self.points: list[Point] = []

    async def record(self, agenda: Agenda, start: float) -> None:
        """A point every second."""
        loop = asyncio.get_running_loop()
        moment, totals = loop.time(), replace(self._ledger.totals)
        tally, cpu = await self._lookout.tally(), self._cpu()
        while True:
            await asyncio.sleep(max(0.0, moment + 1 - loop.time()))
            tally_now, lag = await asyncio.gather(self._lookout.tally(), self._lookout.lags())
            now, cpu_now = loop.time(), self._cpu()
            point = self._point(totals, (tally, tally_now), now - moment)
            used = {name: seconds / (now - moment) for name, seconds in between(cpu, cpu_now).items()}
            self.points.append(
                msgspec.structs.replace(
                    point,
                    second=now - start,
                    offered=self._pace.rate(now - start),
                    late=agenda.late(now),
                    lag=lag,
                    cpu=used,
                )
            )
            self._say(self.points[-1])
            moment, totals, tally, cpu = now, replace(self._ledger.totals), tally_now, cpu_now

    def _point(self, before: Totals, tallies: tuple[Tally | None, Tally | None], seconds: float) -> Point:
        now, lately = self._ledger.totals, self._ledger.take_lately()
        first, last = tallies
        permits = round((last.permit - first.permit) / seconds) if first and last else None
        return Point(
            second=0.0,
            offered=None,
            sent=round((now.sent - before.sent) / seconds),
            acknowledged=round((now.accepted - before.accepted) / seconds),
            refused=now.refused - before.refused,
            busy=now.busy - before.busy,
            failed=now.failed - before.failed,
            late=0,
            permits=permits,
            p50_ms=_ms(quantile(lately, 0.5)),
            p99_ms=_ms(quantile(lately, 0.99)),
            lag={},
            cpu={},
        )

    def _cpu(self) -> Mapping[str, float]:
        return {**self._lookout.cpu(), GENERATOR: time.process_time()}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def in_words(point: Point) -> str:
    """A point as a line of progress."""
    offered = "" if point.offered is None else f"due {point.offered:.0f}/s  "
    permits = "" if point.permits is None else f"permits {point.permits}/s  "
    lag = " ".join(f"{service} {count}" for service, count in point.lag.items() if count)
    late = f"  late {point.late}" if point.late else ""
    latency = "" if point.p50_ms is None else f"p50 {point.p50_ms:.0f} ms p99 {point.p99_ms or 0:.0f} ms  "
    return (
        f"{point.second:5.0f} s  {offered}sent {point.sent}/s  acknowledged {point.acknowledged}/s  {permits}"
        f"{latency}429 {point.busy}{late}" + (f"  lag {lag}" if lag else "")
    )
