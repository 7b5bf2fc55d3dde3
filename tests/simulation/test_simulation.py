"""Thousands of schedules: whatever order, whatever dies, nothing is lost and nothing happens twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.simulation.schedule import quietly, search, simulate, told
from tests.simulation.world import World

BUDGET = float(os.environ.get("SIMULATION_SECONDS", "20"))
FIRST = int(os.environ.get("SIMULATION_SEED", "1"))
FEWEST = 30
"""Schedules that the slowest machine must get through."""
ROOT = Path(__file__).parents[2]


def test_whatever_befalls_a_schedule_its_rows_add_up_and_everything_comes_to_rest() -> None:
    count, broken = search(range(FIRST, FIRST + 100_000), BUDGET, enough=1)

    assert not broken, broken[0].shown()
    assert count >= FEWEST


def test_a_seed_is_a_schedule() -> None:
    with quietly():
        first, second, other = story(3), story(3), story(4)

    assert first == second
    assert first != other


def test_a_seed_is_the_same_schedule_in_another_process() -> None:
    code = "from tests.simulation.test_simulation import *\nwith quietly(): print('\\n'.join(story(3)))"
    other = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "77"},
    )

    with quietly():
        assert other.stdout.splitlines() == story(3)


def test_schedules_are_worth_running() -> None:
    with quietly():
        stories = [line for seed in range(1, 150) for line in story(seed)]

    missed = [what for what in WHAT_MUST_HAPPEN if not any(what in line for line in stories)]

    assert missed == [], "no schedule comes to this any more"


def test_a_quiet_schedule_says_nothing() -> None:
    with quietly():
        verdict = simulate(1)

    assert (verdict.breaches, verdict.journal) == ([], [])


WHAT_MUST_HAPPEN = (
    "clearance.permit-issued",
    "clearance.refused",
    "clearance.cancelled",
    "clearance.amendment-admitted",
    "clearance.request-refused",
    "clearance.held",
    "clearance.hold-lifted",
    "clearance.permit-revoked",
    "clearance.return-admitted",
    "clearance.return-completed",
    "declaration.return-requested",
    "declaration.customs-decided",
    "tax.secured",
    "tax.refused",
    "tax.voided",
    "tax.committed",
    "tax.refunded",
    "quarantine.decided",
    "logistics.arrived",
    "logistics.decided",
    "logistics.gated-out",
    "logistics.goods-returned",
    "CRASH",
    "BROKEN       the commit fails",
    "BROKEN       the reply to the commit is lost",
    "BROKEN       the record is lost",
    "BROKEN       the acknowledgement is lost",
    "REBALANCE    under what was read",
    "HELD BACK",
    "DOOMED",
    "FROZEN",
    "REPEATED",
    "POISON",
    "released     ",
    "TIME PASSES",
    "E-REVIEW-LEASE",
    "E-REVIEW-CLAIMED",
)


def story(seed: int) -> list[str]:
    """All that happens under a seed."""
    world = World(seed)
    world.run()
    return list(told(world))
