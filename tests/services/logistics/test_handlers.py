"""Logistics handlers, on the consignments in memory."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.logistics.domain import ArrivalOverdue, JudgeAgain, ReportArrival
from services.logistics.handlers import (
    on_arrivals_overdue,
    on_arrivals_reported,
    on_bookings_judged_again,
    on_declarations_ended,
    on_declarations_submitted,
    on_parties_registered,
    on_permits_issued,
    on_reviews_decided,
)
from shared.contracts.clearance import DeclarationCancelled, DeclarationRefused, PermitIssued
from shared.contracts.envelope import Event
from shared.contracts.logistics import ConsignmentGatedOut
from shared.contracts.registry import PartyRegistered
from shared.kernel.gate import Gate
from shared.kernel.review import DecideReview, ReviewDecided
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_declaration_submitted
from tests.support.memory_logistics import MemoryConsignments

ONE, TWO = a_declaration_id(1), a_declaration_id(2)
LATER = NOW + timedelta(days=1)


async def filed(desk: MemoryConsignments, *changes: dict[str, Any]) -> list[tuple[str, str]]:
    batch = [a_declaration_submitted(**{"arrival": "on_site", **each}) for each in changes]
    return told(await on_declarations_submitted(batch, desk, NOW))


def told(said: list[Event]) -> list[tuple[str, str]]:
    return [(event.gate.status, event.gate.code) for event in said]  # type: ignore[attr-defined]


def an_order(holder: str | None = ONE, waybill_no: str = "WAYBILL-1", weight: str = "1.2") -> ReportArrival:
    return ReportArrival(
        declaration_id=holder,
        carrier="CARRIER001",
        waybill_no=waybill_no,
        arrived_at=NOW,
        site="PVG",
        packages=1,
        gross_weight=Decimal(weight),
    )


def refused(declaration_id: str, version: int = 1) -> DeclarationRefused:
    gate = Gate(agency="tax", status="REFUSED", code="E-LIMIT-YEAR")
    return DeclarationRefused(
        declaration_id=a_declaration_id(1) if declaration_id == ONE else a_declaration_id(2),
        version=version,
        parties=PARTIES,
        gate=gate,
    )


async def decided(desk: MemoryConsignments, declaration_id: str, verdict: Any) -> list[tuple[str, str]]:
    review = desk.queue.pop(declaration_id)  # as the runtime does before it asks the room
    order = DecideReview(
        declaration_id=declaration_id,
        version=review.version,
        lease_no=1,
        verdict=verdict,
        reason="seen",
        officer="o",
    )
    return told(await on_reviews_decided([ReviewDecided(review=review, order=order)], desk, LATER))


async def test_a_batch_is_booked_each_by_its_own() -> None:
    desk = MemoryConsignments("CARRIER001")

    said = await filed(
        desk,
        {"arrival": "pre_arrival"},
        {"declaration_id": TWO, "waybill_no": "WAYBILL-2"},
    )

    assert said == [("PASSED", "PRE_ARRIVAL"), ("HELD", "AWAITING_ARRIVAL")]
    assert desk.deadlines == [(NOW + timedelta(days=15), ArrivalOverdue(declaration_id=TWO, version=1))]
    assert desk.queue == {}


async def test_two_of_a_batch_that_want_one_number_do_not_both_get_it() -> None:
    desk = MemoryConsignments("CARRIER001")

    said = await filed(desk, {}, {"declaration_id": TWO})

    assert said == [("HELD", "AWAITING_ARRIVAL"), ("HELD", "AWAITING_WORD")]
    again = [JudgeAgain(declaration_id=TWO, version=1)]
    assert told(await on_bookings_judged_again(again, desk, LATER)) == [("REFUSED", "E-LOG-WAYBILL")]
    assert await on_bookings_judged_again(again, desk, LATER) == []


async def test_a_refiling_that_overtakes_the_refusal_of_the_first_is_booked_after_all() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {}, {"declaration_id": TWO})

    await on_declarations_ended([refused(ONE)], desk, NOW)
    said = await on_bookings_judged_again([JudgeAgain(declaration_id=TWO, version=1)], desk, LATER)

    assert told(said) == [("HELD", "AWAITING_ARRIVAL")]
    assert desk.waybills["CARRIER001", "WAYBILL-1"].declaration_id == TWO
    assert (NOW + timedelta(days=15), ArrivalOverdue(declaration_id=TWO, version=1)) in desk.deadlines


async def test_a_carrier_whose_registration_comes_late_is_booked_after_all() -> None:
    desk = MemoryConsignments()
    assert await filed(desk, {}) == [("HELD", "AWAITING_WORD")]

    party = PartyRegistered(code="CARRIER001", name="Grey Goose", roles=("carrier",))
    await on_parties_registered([party], desk, NOW)

    said = await on_bookings_judged_again([JudgeAgain(declaration_id=ONE, version=1)], desk, LATER)
    assert told(said) == [("HELD", "AWAITING_ARRIVAL")]


async def test_a_party_that_is_no_active_carrier_any_more_is_struck() -> None:
    desk = MemoryConsignments("CARRIER001", "CARRIER002", "CARRIER003")

    await on_parties_registered(
        [
            PartyRegistered(code="CARRIER001", name="a", roles=("carrier",), active=False),
            PartyRegistered(code="CARRIER002", name="b", roles=("agent",)),
            PartyRegistered(code="CARRIER004", name="c", roles=("agent", "carrier")),
        ],
        desk,
        NOW,
    )

    assert desk.carriers == {"CARRIER003", "CARRIER004"}


async def test_an_arrival_opens_the_gate_once() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {})

    assert told(await on_arrivals_reported([an_order()], desk, LATER)) == [("PASSED", "ARRIVED")]
    assert await on_arrivals_reported([an_order()], desk, LATER) == []
    assert await on_arrivals_reported([an_order(weight="9")], desk, LATER) == []


async def test_an_early_arrival_is_kept_for_the_booking() -> None:
    desk = MemoryConsignments("CARRIER001")

    assert await on_arrivals_reported([an_order(None)], desk, NOW) == []

    assert await filed(desk, {}) == [("PASSED", "ARRIVED")]
    assert desk.deadlines == []


async def test_an_arrival_run_without_its_holders_head_is_only_noted_and_the_second_run_says_it() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {})

    assert await on_arrivals_reported([an_order(None)], desk, LATER) == []
    assert await on_arrivals_reported([an_order(TWO)], desk, LATER) == []

    assert told(await on_arrivals_reported([an_order(ONE)], desk, LATER)) == [("PASSED", "ARRIVED")]


async def test_a_mismatch_goes_to_the_queue_and_an_officer_decides() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {})

    said = await on_arrivals_reported([an_order(weight="5")], desk, LATER)

    assert told(said) == [("HELD", "ARRIVAL_MISMATCH")]
    assert desk.queue[ONE].due_at == LATER + timedelta(days=5)
    assert await decided(desk, ONE, "refuse") == [("REFUSED", "E-LOG-REFUSED")]


async def test_goods_that_do_not_come_in_time_go_to_the_officers_and_leave_them_when_they_come() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {})
    overdue = [ArrivalOverdue(declaration_id=ONE, version=1)]

    assert told(await on_arrivals_overdue(overdue, desk, LATER)) == [("HELD", "ARRIVAL_OVERDUE")]
    assert desk.queue[ONE].code == "ARRIVAL_OVERDUE"
    assert await on_arrivals_overdue(overdue, desk, LATER) == []

    assert told(await on_arrivals_reported([an_order()], desk, LATER)) == [("PASSED", "ARRIVED")]
    assert desk.queue == {}


async def test_a_deadline_of_an_older_version_or_of_goods_that_came_changes_nothing() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {"version": 2})
    assert await on_arrivals_overdue([ArrivalOverdue(declaration_id=ONE, version=1)], desk, LATER) == []

    await on_arrivals_reported([an_order()], desk, LATER)
    assert await on_arrivals_overdue([ArrivalOverdue(declaration_id=ONE, version=2)], desk, LATER) == []


async def test_an_arrival_noted_but_not_said_counts_when_the_deadline_comes() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {})
    await on_arrivals_reported([an_order(None)], desk, LATER)

    said = await on_arrivals_overdue([ArrivalOverdue(declaration_id=ONE, version=1)], desk, LATER)

    assert told(said) == [("PASSED", "ARRIVED")]


async def test_an_arrival_under_open_details_is_noted_and_counts_when_the_officer_passes() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {"transport__voyage_no": ""})
    lease = desk.queue[ONE]

    assert told(await on_arrivals_reported([an_order()], desk, LATER)) == [("HELD", "TRANSPORT_DETAILS")]
    assert desk.queue[ONE] is lease

    assert await decided(desk, ONE, "pass") == [("PASSED", "ARRIVED")]


async def test_a_new_version_keeps_its_number_or_lets_the_old_one_go() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {"transport__voyage_no": ""})

    assert await filed(desk, {"version": 2}) == [("HELD", "AWAITING_ARRIVAL")]
    assert desk.queue == {}

    await filed(desk, {"version": 3, "waybill_no": "WAYBILL-3"})
    assert desk.waybills["CARRIER001", "WAYBILL-1"].declaration_id is None
    assert desk.waybills["CARRIER001", "WAYBILL-3"].declaration_id == ONE


async def test_within_a_batch_nobody_takes_a_number_that_a_new_version_keeps() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {})

    said = await filed(desk, {"declaration_id": TWO}, {"version": 2})

    assert said == [("HELD", "AWAITING_WORD"), ("HELD", "AWAITING_ARRIVAL")]


async def test_a_declaration_that_is_over_frees_its_number_and_leaves_the_queue() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(
        desk,
        {"transport__voyage_no": ""},
        {"declaration_id": TWO, "waybill_no": "WAYBILL-2", "transport__voyage_no": ""},
    )
    cancelled = DeclarationCancelled(
        declaration_id=TWO, version=1, parties=PARTIES, request_id="r", reason="no more wanted"
    )

    assert await on_declarations_ended([refused(ONE), cancelled], desk, LATER) == []

    assert [waybill.declaration_id for waybill in desk.waybills.values()] == [None, None]
    assert desk.queue == {}
    assert await on_arrivals_reported([an_order(ONE)], desk, LATER) == []


async def test_a_refusal_of_an_older_version_leaves_the_newer_booking() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {"version": 2})

    await on_declarations_ended([refused(ONE, version=1)], desk, LATER)

    assert desk.waybills["CARRIER001", "WAYBILL-1"].declaration_id == ONE
    assert not desk.bookings[ONE].is_over


async def test_the_permit_lets_the_goods_out() -> None:
    desk = MemoryConsignments("CARRIER001")
    await filed(desk, {"arrival": "pre_arrival"})
    permit = PermitIssued(
        declaration_id=ONE,
        version=1,
        parties=PARTIES,
        permit_no="P-1",
        filed_at=NOW,
        issued_at=NOW,
        valid_until=LATER,
        covers_sha256="0" * 64,
        key_id="k",
    )

    said = await on_permits_issued([permit], desk, NOW)

    assert said == [ConsignmentGatedOut(declaration_id=ONE, version=1, parties=PARTIES, permit_no="P-1")]
    assert desk.permits == {ONE: "P-1"}
