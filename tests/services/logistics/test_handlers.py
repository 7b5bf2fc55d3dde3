"""Logistics handlers: booking and ending, on the fake and on SQL alike."""

from __future__ import annotations

from datetime import timedelta

from services.logistics.answers import Status, status_of
from services.logistics.domain import JudgeAgain
from services.logistics.handlers import (
    on_arrivals_reported,
    on_bookings_judged_again,
    on_declarations_ended,
    on_parties_registered,
    on_permits_issued,
    on_permits_revoked,
)
from shared.contracts.clearance import DeclarationCancelled, PermitIssued, PermitRevoked
from shared.contracts.logistics import ConsignmentGatedOut
from shared.contracts.registry import PartyRegistered
from tests.services.logistics.words import (
    CARRIERS,
    LATER,
    ONE,
    TWO,
    Desk,
    an_order,
    deadlines,
    filed,
    holder,
    queued,
    refused,
    told,
)
from tests.support.builders import NOW, PARTIES

PERMIT = PermitIssued(
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


async def test_a_batch_is_booked_each_by_its_own(desk: Desk) -> None:
    said = await filed(
        desk,
        {"arrival": "pre_arrival"},
        {"declaration_id": TWO, "waybill_no": "WAYBILL-2"},
    )

    assert said == [("PASSED", "PRE_ARRIVAL"), ("HELD", "AWAITING_ARRIVAL")]
    assert await deadlines(desk) == {(NOW + timedelta(days=15), "ArrivalOverdue", TWO, 1)}
    assert await queued(desk, TWO) is None


async def test_two_of_a_batch_that_want_one_number_do_not_both_get_it(desk: Desk) -> None:
    said = await filed(desk, {}, {"declaration_id": TWO})

    assert said == [("HELD", "AWAITING_ARRIVAL"), ("HELD", "AWAITING_WORD")]
    again = [JudgeAgain(declaration_id=TWO, version=1)]
    assert told(await on_bookings_judged_again(again, desk, LATER)) == [("REFUSED", "E-LOG-WAYBILL")]
    assert await on_bookings_judged_again(again, desk, LATER) == []


async def test_a_refiling_that_overtakes_the_refusal_of_the_first_is_booked_after_all(desk: Desk) -> None:
    await filed(desk, {}, {"declaration_id": TWO})

    await on_declarations_ended([refused(ONE)], desk, NOW)
    said = await on_bookings_judged_again([JudgeAgain(declaration_id=TWO, version=1)], desk, LATER)

    assert told(said) == [("HELD", "AWAITING_ARRIVAL")]
    assert await holder(desk, "WAYBILL-1") == TWO
    assert (NOW + timedelta(days=15), "ArrivalOverdue", TWO, 1) in await deadlines(desk)


async def test_a_carrier_whose_registration_comes_late_is_booked_after_all(desk: Desk) -> None:
    await desk.strike_carriers(["CARRIER001"])
    assert await filed(desk, {}) == [("HELD", "AWAITING_WORD")]

    party = PartyRegistered(code="CARRIER001", name="Grey Goose", roles=("carrier",))
    await on_parties_registered([party], desk, NOW)

    said = await on_bookings_judged_again([JudgeAgain(declaration_id=ONE, version=1)], desk, LATER)
    assert told(said) == [("HELD", "AWAITING_ARRIVAL")]


async def test_a_party_that_is_no_active_carrier_any_more_is_struck(desk: Desk) -> None:
    await desk.register_carriers(["CARRIER002", "CARRIER003"])

    await on_parties_registered(
        [
            PartyRegistered(code="CARRIER001", name="a", roles=("carrier",), active=False),
            PartyRegistered(code="CARRIER002", name="b", roles=("agent",)),
            PartyRegistered(code="CARRIER004", name="c", roles=("agent", "carrier")),
        ],
        desk,
        NOW,
    )

    assert await desk.registered_among(CARRIERS) == {"CARRIER003", "CARRIER004"}


async def test_a_new_version_keeps_its_number_or_lets_the_old_one_go(desk: Desk) -> None:
    await filed(desk, {"transport__voyage_no": ""})

    assert await filed(desk, {"version": 2}) == [("HELD", "AWAITING_ARRIVAL")]
    assert await queued(desk, ONE) is None

    await filed(desk, {"version": 3, "waybill_no": "WAYBILL-3"})
    assert await holder(desk, "WAYBILL-1") is None
    assert await holder(desk, "WAYBILL-3") == ONE


async def test_within_a_batch_nobody_takes_a_number_that_a_new_version_keeps(desk: Desk) -> None:
    await filed(desk, {})

    said = await filed(desk, {"declaration_id": TWO}, {"version": 2})

    assert said == [("HELD", "AWAITING_WORD"), ("HELD", "AWAITING_ARRIVAL")]


async def test_a_declaration_that_is_over_frees_its_number_and_leaves_the_queue(desk: Desk) -> None:
    await filed(
        desk,
        {"transport__voyage_no": ""},
        {"declaration_id": TWO, "waybill_no": "WAYBILL-2", "transport__voyage_no": ""},
    )
    cancelled = DeclarationCancelled(
        declaration_id=TWO, version=1, parties=PARTIES, request_id="r", reason="no more wanted"
    )

    assert await on_declarations_ended([refused(ONE), cancelled], desk, LATER) == []

    assert await holder(desk, "WAYBILL-1") is None
    assert await holder(desk, "WAYBILL-2") is None
    assert await queued(desk, ONE) is None
    assert await queued(desk, TWO) is None
    assert await on_arrivals_reported([an_order(ONE)], desk, LATER) == []


async def test_a_number_is_free_when_its_holder_ends_together_with_one_that_waited_for_it(desk: Desk) -> None:
    await filed(desk, {}, {"declaration_id": TWO})

    await on_declarations_ended([refused(ONE), refused(TWO)], desk, LATER)

    assert await holder(desk, "WAYBILL-1") is None


async def test_a_refusal_of_an_older_version_leaves_the_newer_booking(desk: Desk) -> None:
    await filed(desk, {"version": 2})

    await on_declarations_ended([refused(ONE, version=1)], desk, LATER)

    assert await holder(desk, "WAYBILL-1") == ONE
    assert not (await desk.bookings_of([ONE]))[ONE].is_over


async def test_the_permit_lets_the_goods_out(desk: Desk) -> None:
    await filed(desk, {"arrival": "pre_arrival"})

    said = await on_permits_issued([PERMIT], desk, NOW)

    assert said == [ConsignmentGatedOut(declaration_id=ONE, version=1, parties=PARTIES, permit_no="P-1")]
    booked = await desk.booked_under("CARRIER001", "WAYBILL-1")
    assert booked is not None
    assert booked[1] == "P-1"


async def test_goods_whose_permit_was_revoked_are_not_shown_as_let_out(desk: Desk) -> None:
    await filed(desk, {"arrival": "pre_arrival"})
    await on_permits_issued([PERMIT], desk, NOW)
    assert await shown(desk) == "GATE_OUT"

    taken_back = PermitRevoked(
        declaration_id=ONE, version=1, parties=PARTIES, permit_no="P-1", officer="o", reason="in error"
    )
    assert await on_permits_revoked([taken_back], desk, LATER) == []

    assert await shown(desk) == "REVOKED"


async def shown(desk: Desk) -> Status:
    found = await desk.booked_under("CARRIER001", "WAYBILL-1")
    assert found is not None
    return status_of(*found)
