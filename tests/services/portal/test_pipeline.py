"""The pipeline: counts, rates, and who is away."""

from __future__ import annotations

from typing import Any

from services.portal.pipeline import MEMORY, SERVICES, Picture, area, picture_of, spark

STATES: dict[str, Any] = {"tax": {"lag": 7, "parked": 1, "early": 2, "outbox": 3}}


def a_tally(permit: int = 0, **held: int) -> dict[str, Any]:
    return {"filed": 10, "open": 3, "permit": permit, "refused": 1, "cancelled": 0, "held": held}


def test_a_service_that_answers_is_up_and_the_others_are_away() -> None:
    picture = picture_of(a_tally(), STATES, Picture(), 1.0)

    tax = picture.service("tax")
    assert (tax.is_up, tax.lag, tax.parked, tax.early, tax.outbox) == (True, 7, 1, 2, 3)
    assert not picture.service("logistics").is_up


def test_a_status_without_numbers_yet_counts_as_none() -> None:
    assert (
        picture_of(a_tally(), {"tax": {"service": "tax", "lag": None}}, Picture(), 1.0).service("tax").lag
        == 0
    )


def test_permits_a_second_are_what_came_since_the_last_look() -> None:
    first = picture_of(a_tally(100), {}, Picture(), 1.0)

    second = picture_of(a_tally(300), {}, first, 2.0)

    assert first.rates == ()
    assert second.rates == (100.0,)
    assert second.rate == 100.0


def test_after_a_while_unwatched_the_rates_start_anew() -> None:
    first = picture_of(a_tally(100), {}, Picture(), 1.0)
    second = picture_of(a_tally(200), {}, first, 1.0)

    assert picture_of(a_tally(9000), {}, second, 600.0).rates == ()


def test_while_clearance_is_away_the_last_counts_stand() -> None:
    known = picture_of(a_tally(100, tax=2), {}, Picture(), 1.0)

    away = picture_of(None, {}, known, 1.0)

    assert away.counts["permit"] == 100
    assert away.held == {"tax": 2}
    assert not away.is_known


def test_the_pulse_says_who_does_not_answer() -> None:
    everybody = {name: {"lag": 0} for name in SERVICES}
    known = picture_of(a_tally(1), everybody, Picture(), 1.0)
    without_tax = picture_of(a_tally(1), everybody | {"tax": None}, known, 1.0)
    without_two = picture_of(a_tally(1), everybody | {"tax": None, "registry": None}, known, 1.0)
    without_clearance = picture_of(None, everybody | {"clearance": None, "tax": None}, known, 1.0)

    assert known.pulse == "live"
    assert without_tax.pulse == "tax does not answer; what concerns it waits"
    assert without_two.pulse == "tax and registry do not answer; what concerns them waits"
    assert without_clearance.pulse == (
        "clearance does not answer, the counts are the last known; nor does tax"
    )


def test_what_nobody_tells_is_as_it_was() -> None:
    known = picture_of(a_tally(1), {}, Picture(), 1.0, 7)

    assert picture_of(a_tally(2), {}, known, 1.0).door == 7
    assert picture_of(None, {}, known, 1.0, 8).door == 8


def test_counts_that_fall_are_no_negative_rate() -> None:
    known = picture_of(a_tally(100), {}, Picture(), 1.0)

    assert picture_of(a_tally(50), {}, known, 1.0).rates == (0.0,)


def test_rates_are_remembered_for_two_minutes() -> None:
    picture = picture_of(a_tally(0), {}, Picture(), 1.0)
    for _ in range(200):
        picture = picture_of(a_tally(0), {}, picture, 1.0)

    assert len(picture.rates) == MEMORY


def test_the_script_finds_every_value_it_shows() -> None:
    shown = picture_of(a_tally(5, customs=4), STATES, Picture(), 1.0).as_json()

    assert shown["held"] == {"customs": 4, "tax": 0, "quarantine": 0, "logistics": 0, "clearance": 0}
    assert shown["services"]["tax"]["lag"] == 7
    assert shown["counts"]["permit"] == 5


def test_a_line_ends_at_the_right_and_stays_within_its_box() -> None:
    path = spark([0.0, 50.0, 100.0], 240, 44)

    points = [tuple(map(float, point.split(","))) for point in path.removeprefix("M").split("L")]
    assert points[-1] == (240.0, 4.0)
    assert points[0][1] == 42.0
    assert spark([1.0], 240, 44) == ""
    assert area([1.0], 240, 44) == ""
    assert area([0.0, 1.0], 240, 44).endswith("L240,44L238.0,44Z")
