"""Pace: send times are fixed in advance."""

import pytest

from cli.load.pace import BadPace, Leg, Pace, pace_of


def test_a_steady_rate_is_evenly_spaced() -> None:
    pace = pace_of("1000", (), 60)

    assert pace.count == 60_000
    assert [pace.moment(number) for number in (0, 1, 1000)] == [0, 0.001, 1.0]


def test_a_ramp_sends_as_many_as_its_middle_rate_says() -> None:
    pace = pace_of("", ["500:2000:60s"], 1)

    assert pace.count == 75_000
    assert pace.moment(74_999) == pytest.approx(60, abs=0.001)
    assert pace.rate(30) == 1250


@pytest.mark.parametrize("number", [0, 1, 999, 40_000, 74_999])
def test_a_number_of_a_ramp_is_due_when_so_many_are_due(number: int) -> None:
    leg = Leg(500, 2000, 60)

    assert leg.due(leg.moment(number) + 1e-6) == pytest.approx(number, abs=1)


def test_ramps_follow_each_other() -> None:
    pace = pace_of("", ["100:100:10s", "200:200:5"], 1)

    assert (pace.count, pace.seconds) == (2000, 15)
    assert pace.moment(1000) == 10.0
    assert pace.due(12.5) == 1500


def test_as_fast_as_answers_come_has_no_times() -> None:
    assert pace_of("max", (), 10) == Pace((), 10)
    assert Pace((), 10).count is None


@pytest.mark.parametrize("rate", ["0", "-1", "fast", "inf", "nan"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(BadPace):
        pace_of(rate, (), 10)


@pytest.mark.parametrize("ramp", ["500:2000", "500-2000:60s", "0:10:60s", "a:b:c"])
def test_a_ramp_that_is_none_is_refused(ramp: str) -> None:
    with pytest.raises(BadPace):
        pace_of("1", [ramp], 10)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(BadPace):
        pace_of("1", (), seconds)
