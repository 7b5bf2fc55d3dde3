"""Waits: planted breaches of who holds what, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.evidence import LATER, Evidence, gate, held
from tests.support.planting import Plant, Plants, replace_row
from tests.support.six_ways import (
    AMENDED,
    CANCELLED,
    WAITS,
    a_review,
)

plants = Plants()


@plants.break_("settled-or-waiting")
def a_hold_without_an_owner(e: Evidence) -> None:
    e.retell("logistics", WAITS, 1, lambda event: replace(event, gate=replace(event.gate, awaits="")))


@plants.break_("settled-or-waiting")
def a_hold_that_nobody_looks_at_again(e: Evidence) -> None:
    e.lose("logistics", "timers", WAITS)


@plants.break_("settled-or-waiting")
def an_officers_hold_that_is_in_no_queue(e: Evidence) -> None:
    e.retell(
        "quarantine", WAITS, 1, lambda event: replace(event, gate=held("quarantine", "quarantine officer"))
    )
    e.keep("clearance", "tallies", ("held.quarantine", 1))
    replace_row(e, "clearance", "tallies", ("passed.quarantine", 5), ("passed.quarantine", 4))


@plants.break_("settled-or-waiting", "tallies-are-counts")
def open_gates_and_no_permit(e: Evidence) -> None:
    e.retell("logistics", WAITS, 1, lambda event: replace(event, gate=gate("logistics")))


@plants.break_("reviews-are-of-the-living")
def a_review_of_the_dead(e: Evidence) -> None:
    e.add("quarantine", "reviews", a_review(CANCELLED))


@plants.break_("reviews-are-of-the-living")
def a_review_of_a_version_that_is_over(e: Evidence) -> None:
    e.add("quarantine", "reviews", a_review(AMENDED))


@plants.break_("reviews-are-of-the-living")
def a_lease_of_a_day(e: Evidence) -> None:
    until = LATER + timedelta(days=1)
    e.add("quarantine", "reviews", a_review(WAITS, lease_no=1, officer="o", lease_until=until))


@plants.break_("reviews-are-of-the-living")
def a_lease_of_nobody(e: Evidence) -> None:
    e.add("quarantine", "reviews", a_review(WAITS, lease_no=1, lease_until=LATER))


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
