"""The simulation catches the bugs that it is for: each is planted, and some schedule breaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.schedule import quietly, search, simulate

MOST = 600
"""Schedules within which a planted bug must show; the shyest shows in one of a hundred."""
PATIENCE = 120.0
PAGE = (Path(__file__).parents[2] / "docs" / "mutants.md").read_text()


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_planted_bug_is_caught(name: str) -> None:
    count, broken = search(range(1, 1 + MOST), PATIENCE, MUTANTS[name].parts, enough=1)

    assert broken, f"{count} schedules, and nobody noticed that {MUTANTS[name].what}"
    assert broken[0].journal, "what happened must be told"
    with quietly():
        assert not simulate(broken[0].seed).breaches, "the schedule is broken without the bug, too"


def test_the_page_tells_how_to_plant_each() -> None:
    assert sorted(re.findall(r"^## `([a-z-]+)`", PAGE, re.MULTILINE)) == sorted(MUTANTS)
