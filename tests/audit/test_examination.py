"""Examination: a clean window is clean, and every invariant has a plant that breaks it."""

from __future__ import annotations

from pathlib import Path

from audit.breach import INVARIANTS
from tests.audit import (
    test_bills,
    test_keys,
    test_money,
    test_notes,
    test_outcomes,
    test_permits,
    test_protocol,
    test_refunds,
    test_topics,
    test_waits,
)
from tests.support.six_ways import a_clean_window

FILES = (
    test_bills,
    test_keys,
    test_money,
    test_notes,
    test_outcomes,
    test_permits,
    test_protocol,
    test_refunds,
    test_topics,
    test_waits,
)


def test_where_all_adds_up_nothing_is_named(tmp_path: Path) -> None:
    evidence = a_clean_window()

    found = evidence.found(tmp_path)

    assert found == []


def test_every_invariant_is_broken_by_some_plant() -> None:
    planted = {invariant for file in FILES for plant in file.plants.all for invariant in plant.breaks}

    assert planted == INVARIANTS.keys() - {"it-comes-to-rest"}  # that one needs a system that does not rest
