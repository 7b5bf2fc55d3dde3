"""Swim lanes: every fact has its place, whatever the gaps."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from services.portal.lanes import LEFT, RIGHT, WIDTH, draw
from services.portal.story import facts_of
from tests.support.told import FILED, cleared, gate, told

NOW = FILED + timedelta(minutes=1)


def test_every_fact_has_a_mark_in_the_lane_of_its_agency() -> None:
    drawing = draw(facts_of({"facts": cleared()}), NOW, is_open=False)

    rows = {mark.fact.source: mark.y for mark in drawing.marks}
    assert len(drawing.marks) == 6
    assert len(set(rows.values())) == 5
    assert drawing.lanes[0].title == "Customs"


def test_time_goes_to_the_right_and_stays_within_the_picture() -> None:
    entries = [*cleared(), told("logistics", 2, "gated-out", 9 * 86_400_000)]

    marks = draw(facts_of({"facts": entries}), NOW, is_open=False).marks

    assert all(a.x <= b.x for a, b in pairwise(marks))
    assert min(mark.x for mark in marks) > LEFT
    assert max(mark.x for mark in marks) <= WIDTH - RIGHT


def test_gaps_tell_how_long_they_were() -> None:
    drawing = draw(facts_of({"facts": cleared()}), NOW, is_open=False)

    assert [gap.text for gap in drawing.gaps] == ["12 ms", "3 ms", "25 ms", "15 ms"]


def test_two_facts_of_one_agency_at_one_moment_stand_beside_each_other() -> None:
    entries = [told("tax", 1, "assessed"), told("tax", 2, "secured")]

    first, second = draw(facts_of({"facts": entries}), NOW, is_open=False).marks

    assert second.x > first.x


def test_a_hold_is_drawn_until_the_agency_speaks_again() -> None:
    entries = [
        told("declaration", 1, "submitted"),
        told("tax", 1, "assessed", 10, event=gate("HELD", "AWAITING_PAYMENT")),
        told("quarantine", 1, "triaged", 20),
        told("tax", 2, "secured", 60_000, event=gate("PASSED")),
    ]

    drawing = draw(facts_of({"facts": entries}), NOW, is_open=False)

    (wait,) = drawing.waits
    places = {mark.fact.id: mark.x for mark in drawing.marks}
    assert wait.text == "AWAITING_PAYMENT"
    assert (wait.x, round(wait.x + wait.width, 6)) == (places["tax:1"], round(places["tax:2"], 6))


def test_a_hold_that_lasts_is_drawn_until_now() -> None:
    entries = [told("tax", 1, "assessed", event=gate("HELD", "AWAITING_PAYMENT"))]

    drawing = draw(facts_of({"facts": entries}), NOW, is_open=True)

    assert round(drawing.waits[0].x + drawing.waits[0].width) == WIDTH - RIGHT
    assert drawing.gaps[-1].text == "1 min"


def test_nothing_is_drawn_of_nothing() -> None:
    drawing = draw([], NOW, is_open=True)

    assert (drawing.marks, drawing.gaps, drawing.waits) == ((), (), ())
