"""Window: what is read from the points of a run."""

from __future__ import annotations

from typing import Any

import pytest

from cli.load.series import Point
from tests.load.window import caught_up


def a_point(second: float, lag: dict[str, int]) -> Point:
    """A second of a run, of which only the lag matters."""
    counts: dict[str, Any] = dict.fromkeys(("sent", "acknowledged", "refused", "busy", "failed", "late"), 0)
    unknown: dict[str, Any] = dict.fromkeys(("offered", "permits", "p50_ms", "p99_ms"))
    return Point(second=second, lag=lag, cpu={}, **counts, **unknown)


def test_an_agency_has_caught_up_when_it_was_far_behind_for_the_last_time_since_its_return() -> None:
    lags = {64.0: 50_000, 66.0: 60_000, 70.0: 1_001, 71.0: 1_000, 72.0: 0}
    points = [a_point(second, {"tax": lag}) for second, lag in lags.items()]

    assert caught_up(points, "tax", 65.5) == pytest.approx(4.5)


def test_of_an_agency_that_nobody_saw_after_its_return_nothing_is_told() -> None:
    points = [a_point(64.0, {"tax": 50_000}), a_point(66.0, {"quarantine": 0})]

    assert caught_up(points, "tax", 65.5) is None
