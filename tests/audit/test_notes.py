"""Notes: planted breaches of what is counted of noted goods."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.audit.test_refunds import goods_went_back
from tests.support.evidence import Evidence
from tests.support.planting import Plant, Plants, ask_for_sugar
from tests.support.six_ways import CANCELLED, PERMITTED, WAITS, a_clean_window

plants = Plants()


@plants.break_()
def sugar_that_is_counted(e: Evidence) -> None:
    ask_for_sugar(e, WAITS, "1.5")
    e.keep("tax", "year_notes", (f"buyer-{WAITS}", 2025, "1701", "kg", Decimal("1.5"), Decimal(0)))


@plants.break_("noted-goods-add-up")
def sugar_that_nobody_counts(e: Evidence) -> None:
    ask_for_sugar(e, PERMITTED, "1.5")


@plants.break_("noted-goods-add-up")
def sugar_counted_once_too_often(e: Evidence) -> None:
    e.keep("tax", "year_notes", (f"buyer-{CANCELLED}", 2025, "1701", "kg", Decimal(0), Decimal(1)))


@plants.break_("noted-goods-stay-within-the-note")
def more_sugar_than_a_person_may_have(e: Evidence) -> None:
    ask_for_sugar(e, WAITS, "2.00001")
    e.keep("tax", "year_notes", (f"buyer-{WAITS}", 2025, "1701", "kg", Decimal("2.00001"), Decimal(0)))


def test_sugar_that_went_back_counts_no_more(tmp_path: Path) -> None:
    evidence = a_clean_window()
    sugar_went_back(evidence, counted="0.75")

    assert evidence.found(tmp_path) == []


@plants.break_("noted-goods-add-up")
def sugar_that_is_counted_after_it_went_back(e: Evidence) -> None:
    sugar_went_back(e, counted="1.5")


def sugar_went_back(e: Evidence, counted: str) -> None:
    """One of two pieces, which are of 1.5 kg together."""
    ask_for_sugar(e, PERMITTED, "1.5")
    goods_went_back(e)
    e.keep("tax", "year_notes", (f"buyer-{PERMITTED}", 2025, "1701", "kg", Decimal(0), Decimal(counted)))


@pytest.mark.parametrize("plant", plants.all, ids=str)
def test_what_is_planted_is_named_and_nothing_else(plant: Plant, tmp_path: Path) -> None:
    assert plant.found(tmp_path) == plant.breaks
