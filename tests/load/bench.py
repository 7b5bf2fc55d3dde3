"""Bench: our platform and the usual stack, side by side.

`make bench` takes three to four minutes, `make bench-full` as long as its settings ask. Everything runs on this
machine, generator, broker and database included. Runs are interleaved and repeated; figures are medians with ranges,
and no run counts whose account does not match. Settings: BENCH_FORM, BENCH_ROUNDS, BENCH_SECONDS, BENCH_SEED,
BENCH_ROWS, BENCH_BACKLOG.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import uvloop

from cli.load.pace import Pace
from cli.load.report import cpu_us
from cli.load.run import Outcome
from deploy.local.paths import CHECKOUT
from deploy.local.stack import Stack
from tests.load import growth
from tests.load.baseline.bus import FORMS
from tests.load.baseline.rival import Rival
from tests.load.figures import Figures, losses, ratios
from tests.load.machine import machine, stolen
from tests.load.pages import write_pages
from tests.load.window import Mismatch, Window, fresh_root, steady

T = TypeVar("T")
PEAK, RATE = 1417.0, 1000.0
"""Declarations a second: the highest national peak on record; the rate at which latency is told."""
RACES = {"batch": (Pace((), 1.0), Pace((), 6.0), 200), "message": (steady(100, 0.5), steady(400, 1.0), 50)}
"""How the rival is warmed up, how it is driven, and in batches of how many."""
MILLION = 1_000_000
STOPPED = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What the environment asks for."""

    is_full: bool
    rounds: int
    seconds: float
    seed: int
    rows: tuple[int, ...]
    """Declarations stored, ascending, at which the cost is measured."""
    backlog: tuple[int, ...]
    """Filings that wait, at which the cost is measured."""


def knob(name: str, default: str) -> str:
    """A setting from the environment."""
    return os.environ.get(f"BENCH_{name}", default)


def read_knobs() -> Knobs:
    """The settings, by form."""
    is_full = knob("FORM", "short") == "full"
    return Knobs(
        is_full=is_full,
        rounds=int(knob("ROUNDS", "5" if is_full else "2")),
        seconds=float(knob("SECONDS", "20" if is_full else "8")),
        seed=int(knob("SEED", "1")),
        rows=_numbers(knob("ROWS", f"{MILLION}" if is_full else "")),
        backlog=_numbers(knob("BACKLOG", "20000,60000" if is_full else "")),
    )


class Bench:
    """One benchmark on one stack."""

    def __init__(self, stack: Stack, knobs: Knobs) -> None:
        self._stack, self._knobs = stack, knobs
        self.figures = Figures()
        self._window = Window(stack, self.figures)
        self._seed = knobs.seed * 1000
        self._began = time.monotonic()
        self.by_rows: list[tuple[float, float]] = []
        self.by_backlog: list[tuple[float, float]] = []
        self.memory: dict[str, dict[str, float]] = {}
        self.mismatches: list[str] = []
        self.rival_lost = 0

    async def run(self) -> None:
        """All that the form asks for."""
        await self._counted(Window(self._stack, Figures()).bulk(4.0, self._next()))
        await self._window.idle(3.0)
        for place in range(self._knobs.rounds):
            await self._round(place)
        if self._knobs.is_full:
            await self._hold_out()
        for count in self._knobs.backlog:
            await self._backlog(count)
        await self._grow()

    async def _round(self, place: int) -> None:
        """Ours, then the usual stack's two forms, with ours at rest."""
        self._say(f"round {place + 1} of {self._knobs.rounds}")
        seconds, window = self._knobs.seconds, self._window
        bulk = await self._counted(window.bulk(seconds, self._next()))
        if place == 0:
            await self._note_rows([bulk])
        await self._counted(window.single(seconds, self._next()))
        if self._knobs.is_full or place == 0:
            await self._counted(window.latency(RATE, seconds * 1.5, self._next()))
        self.memory[f"round {place + 1}"] = window.memory()
        await self._stack.stop_services()
        for form in FORMS if self._knobs.is_full or place == 0 else FORMS[1:]:
            await self._race(form)
        await self._stack.start_services()
        await self._stack.wait_ready()

    async def _race(self, form: str) -> None:
        seed = self._next()
        async with Rival(self._stack, form, f"baseline{seed}") as rival:
            warm, pace, batch = RACES[form]
            await rival.race(warm, batch=batch, connections=8, seed=seed)
            race = await rival.race(pace, batch=batch, connections=8, seed=seed + 1)
        self._seed += 1
        self.rival_lost += race.lost
        self.figures.add(f"baseline_{form}_permits_per_s", race.permits_per_s)
        self.figures.add(f"baseline_{form}_cpu_us", race.cpu_us)

    async def _hold_out(self) -> None:
        """The peak, an agency away, and twice what it bears."""
        self._say("the peak, an agency away, twice what it bears")
        window, minute = self._window, max(60.0, self._knobs.seconds)
        await self._counted(window.open(PEAK, minute, self._next()))
        await self._counted(window.catch_up(RATE, STOPPED, self._next()))
        self.memory["after an agency was away"] = window.memory()
        borne = self.figures.found["single_permits_per_s"]
        await self._counted(window.overload(2 * max(borne), 20.0, self._next()))
        self.memory["after overload"] = window.memory()

    async def _backlog(self, count: int) -> None:
        """Cost a declaration when so many wait for every agency."""
        self._say(f"{count:,} filings wait")
        names = ("tax", "quarantine", "logistics", "clearance")
        cost = await self._counted(self._window.pile_up(count, names, self._next()))
        self.by_backlog += [(float(count), cost)] if cost is not None else []

    async def _grow(self) -> None:
        """Cost a declaration with so many stored, over that of the first round; these runs count for nothing else."""
        first, window = 1, Window(self._stack, Figures())
        for count in self._knobs.rows:
            last = count // growth.SAMPLE
            self._say(f"storing up to {count:,} declarations")
            if last >= first:
                await growth.fill(self._stack, range(first, last + 1))
                first = last + 1
            runs = [await self._counted(window.bulk(self._knobs.seconds, self._next())) for _ in range(3)]
            await self._note_rows(runs)
        if len(self.by_rows) > 1:
            self.figures.add("growth_ratio", self.by_rows[-1][1] / self.by_rows[0][1])

    async def _note_rows(self, runs: Sequence[Outcome | None]) -> None:
        costs = [sum(cpu_us(outcome).values()) for outcome in runs if outcome is not None]
        if costs:
            self.by_rows.append((float(await growth.stored(self._stack)), statistics.median(costs)))
            self._say("with {:,.0f} stored: {:,.0f} us CPU a declaration".format(*self.by_rows[-1]))

    def _say(self, what: str) -> None:
        """What goes on, for who waits."""
        print(f"  {time.monotonic() - self._began:6.0f} s  {what}", file=sys.stderr, flush=True)  # noqa: T201

    async def _counted(self, run: Awaitable[T]) -> T | None:
        """What a run brings; nothing when its account does not match, which is told in the end."""
        try:
            return await run
        except Mismatch as mismatch:
            self.mismatches.append(str(mismatch))
            return None

    def _next(self) -> int:
        self._seed += 1
        return self._seed


async def main() -> bool:
    """Start, measure, tell, on the screen and in build/bench.json; whether every account matched."""
    knobs, root = read_knobs(), fresh_root()
    try:
        async with Stack(root, gateway_port=None, say=lambda _line: None) as stack:
            on, steal = machine(root), stolen()
            await stack.start()
            bench = Bench(stack, knobs)
            await bench.run()
            document: dict[str, Any] = {
                **bench.figures.summary(),
                "by_rows": bench.by_rows,
                "by_backlog": bench.by_backlog,
                "memory_mb": bench.memory,
                "mismatches": bench.mismatches,
                "rival_lost": bench.rival_lost,
                "machine": {**asdict(on), "stolen_s": stolen() - steal},
                "knobs": asdict(knobs),
                "at": datetime.now(UTC).isoformat(),
            }
    finally:
        shutil.rmtree(root, ignore_errors=True)
    folder = CHECKOUT / "build"
    folder.mkdir(exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(document, indent=1))
    write_pages(folder, document, bench.figures)
    told = (ratios(bench.figures.found), losses(bench.rival_lost), *bench.mismatches)
    print(bench.figures.table(), *told, sep="\n")  # noqa: T201
    return not bench.mismatches


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",") if part))


if __name__ == "__main__":
    sys.exit(0 if uvloop.run(main()) else 1)
