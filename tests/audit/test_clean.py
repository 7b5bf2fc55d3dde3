"""A clean window is clean: nothing is named where nothing is wrong."""

from __future__ import annotations

from pathlib import Path

from tests.support.six_ways import a_clean_window


def test_where_all_adds_up_nothing_is_named(tmp_path: Path) -> None:
    evidence = a_clean_window()

    found = evidence.found(tmp_path)

    assert found == []
