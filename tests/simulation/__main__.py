"""Simulate: `make simulate SEED=7 RUNS=5000`; with `MUTANT=name` a planted bug, which must be caught."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.mutants import MUTANTS
from tests.simulation.parts import REAL
from tests.simulation.schedule import search

EVERY_LINE = 10**6


def main() -> int:
    """Zero when nothing is broken; with a mutant, when something is."""
    asked = _read()
    parts = MUTANTS[asked.mutant].parts if asked.mutant else REAL
    started = time.process_time()
    count, broken = search(
        range(asked.seed, asked.seed + asked.runs), asked.seconds, parts, enough=asked.enough
    )
    spent = time.process_time() - started
    length = EVERY_LINE if asked.runs == 1 else 120
    lines = [verdict.shown(length, asked.mutant) for verdict in broken[:1]]
    lines += [f"seed {verdict.seed}: {verdict.breaches[0]}" for verdict in broken[1:20]]
    lines.append(f"{count} schedules from seed {asked.seed}, {spent:.0f} s of CPU, {len(broken)} broken")
    if asked.mutant:
        lines.append(f"{asked.mutant}: {'caught' if broken else 'NOT caught'}; {MUTANTS[asked.mutant].what}")
    print("\n".join(lines))  # noqa: T201
    return int(bool(broken) != bool(asked.mutant))


def _read() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    reader.add_argument("--seed", type=int, default=1, help="the first seed")
    reader.add_argument("--runs", type=int, default=2000, help="how many seeds, from the first on")
    reader.add_argument("--seconds", type=float, default=3600, help="stop after so many seconds")
    reader.add_argument("--enough", type=int, default=20, help="stop after so many broken schedules")
    reader.add_argument("--mutant", choices=sorted(MUTANTS), default="", help="plant this bug")
    return reader.parse_args()


if __name__ == "__main__":
    sys.exit(main())
