"""Logistics handlers: arrivals in time, early, late and otherwise, on the fake and on SQL alike."""

from __future__ import annotations

from datetime import timedelta

from services.logistics.domain import ArrivalOverdue
from services.logistics.handlers import (
    on_arrivals_overdue,
    on_arrivals_reported,
)
from tests.services.logistics.words import (
    LATER,
    ONE,
    TWO,
    Desk,
    an_order,
    deadlines,
    decided,
    filed,
    queued,
    the_review,
    told,
)
from tests.support.builders import NOW


async def test_an_arrival_opens_the_gate_once(desk: Desk) -> None:
    await filed(desk, {})

    assert told(await on_arrivals_reported([an_order()], desk, LATER)) == [("PASSED", "ARRIVED")]
    assert await on_arrivals_reported([an_order()], desk, LATER) == []
    assert await on_arrivals_reported([an_order(weight="9")], desk, LATER) == []


async def test_an_early_arrival_is_kept_for_the_booking(desk: Desk) -> None:
    assert await on_arrivals_reported([an_order(None)], desk, NOW) == []

    assert await filed(desk, {}) == [("PASSED", "ARRIVED")]
    assert await deadlines(desk) == set()


async def test_an_arrival_run_without_its_holders_head_is_only_noted_and_the_second_run_says_it(
    desk: Desk,
) -> None:
    await filed(desk, {})

    assert await on_arrivals_reported([an_order(None)], desk, LATER) == []
    assert await on_arrivals_reported([an_order(TWO)], desk, LATER) == []

    assert told(await on_arrivals_reported([an_order(ONE)], desk, LATER)) == [("PASSED", "ARRIVED")]


async def test_a_mismatch_goes_to_the_queue_and_an_officer_decides(desk: Desk) -> None:
    await filed(desk, {})

    said = await on_arrivals_reported([an_order(weight="5")], desk, LATER)

    assert told(said) == [("HELD", "ARRIVAL_MISMATCH")]
    assert (await the_review(desk, ONE)).due_at == LATER + timedelta(days=5)
    assert await decided(desk, ONE, "refuse") == [("REFUSED", "E-LOG-REFUSED")]


async def test_goods_that_do_not_come_in_time_go_to_the_officers_and_leave_them_when_they_come(
    desk: Desk,
) -> None:
    await filed(desk, {})
    overdue = [ArrivalOverdue(declaration_id=ONE, version=1)]

    assert told(await on_arrivals_overdue(overdue, desk, LATER)) == [("HELD", "ARRIVAL_OVERDUE")]
    assert (await the_review(desk, ONE)).code == "ARRIVAL_OVERDUE"
    assert await on_arrivals_overdue(overdue, desk, LATER) == []

    assert told(await on_arrivals_reported([an_order()], desk, LATER)) == [("PASSED", "ARRIVED")]
    assert await queued(desk, ONE) is None


async def test_a_deadline_of_an_older_version_or_of_goods_that_came_changes_nothing(desk: Desk) -> None:
    await filed(desk, {"version": 2})
    assert await on_arrivals_overdue([ArrivalOverdue(declaration_id=ONE, version=1)], desk, LATER) == []

    await on_arrivals_reported([an_order()], desk, LATER)
    assert await on_arrivals_overdue([ArrivalOverdue(declaration_id=ONE, version=2)], desk, LATER) == []


async def test_an_arrival_noted_but_not_said_counts_when_the_deadline_comes(desk: Desk) -> None:
    await filed(desk, {})
    await on_arrivals_reported([an_order(None)], desk, LATER)

    said = await on_arrivals_overdue([ArrivalOverdue(declaration_id=ONE, version=1)], desk, LATER)

    assert told(said) == [("PASSED", "ARRIVED")]


async def test_an_arrival_under_open_details_is_noted_and_counts_when_the_officer_passes(desk: Desk) -> None:
    await filed(desk, {"transport__voyage_no": ""})
    before = await the_review(desk, ONE)

    assert told(await on_arrivals_reported([an_order()], desk, LATER)) == [("HELD", "TRANSPORT_DETAILS")]
    assert await the_review(desk, ONE) == before

    assert await decided(desk, ONE, "pass") == [("PASSED", "ARRIVED")]
