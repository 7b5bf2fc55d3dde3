"""Stretches: how far a list looks back at a time."""

from __future__ import annotations

import pytest

from services.declaration import stretches
from services.declaration.stretches import Pace
from shared.kernel.ids import uuid7

DAY, NOON = 86_400_000, 1_764_000_000_000
NEWEST = uuid7(NOON, bytes(10))


def test_a_list_without_a_period_goes_from_the_highest_id_to_the_lowest() -> None:
    beginning, before = stretches.bounds_of({"party": "PLATFORM01"})

    assert (beginning[:8], before[:8]) == ("00000000", "ffffffff")


def test_a_list_goes_down_from_its_cursor_or_from_the_end_of_its_period_whichever_is_older() -> None:
    older, newer = uuid7(1_000, bytes(10)), uuid7(2_000, bytes(10))

    assert stretches.bounds_of({"since": older, "until": newer, "before": older}) == (older, older)
    assert stretches.bounds_of({"until": older, "before": newer})[1] == older


@pytest.mark.parametrize("span", [0, 1, DAY])
def test_a_stretch_reaches_down_from_the_newest_and_holds_it(span: int) -> None:
    start = Pace(span=span).start(NEWEST)

    assert start < NEWEST
    assert int(start.replace("-", "")[:12], 16) == NOON - span


def test_a_stretch_that_would_begin_before_all_time_begins_with_it() -> None:
    assert Pace(span=DAY).start(uuid7(5, bytes(10))) == "00000000-0000-0000-0000-000000000000"


def test_the_first_stretch_is_some_times_what_the_newest_have_taken_or_all_there_is() -> None:
    lower = uuid7(NOON - 1000, bytes(10))

    assert Pace.of(NEWEST, lower, DAY) == Pace(span=4000, longest=DAY)
    assert Pace.of(NEWEST, lower, 10) == Pace(span=10, longest=10)
    assert Pace.of(NEWEST, None, DAY) == Pace.of(None, None, DAY) == Pace(span=DAY, longest=DAY)


def test_a_stretch_that_holds_too_much_is_cut_down_to_a_millisecond_which_is_taken_whole() -> None:
    pace, cut = Pace(span=DAY), 0
    while pace.is_too_much(stretches.FEW + 1):
        pace, cut = pace.following(stretches.FEW + 1), cut + 1

    assert pace.span == 0
    assert cut < 20


def test_a_stretch_that_holds_little_is_followed_by_a_longer_one_up_to_the_longest() -> None:
    grown = [Pace(span=span, longest=7 * DAY).following(0).span for span in (0, DAY, 7 * DAY)]

    assert grown == [4, 4 * DAY, 7 * DAY]
    assert Pace(span=DAY).following(stretches.FEW) == Pace(span=DAY)
