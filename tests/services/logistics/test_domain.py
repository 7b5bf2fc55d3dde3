"""Bookings: the gate that follows from what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.logistics.booking import ARRIVAL_TIME, Booking, gate_of, review_of
from services.logistics.domain import AHEAD, BEFORE, ReportArrival, arrival_of, book, decide, judged_again
from services.logistics.rules import Ground
from services.logistics.sayings import wish_of
from services.logistics.waybills import Arrival
from shared.kernel.goods import Transport
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, ReviewDecided, Verdict
from tests.support.builders import NOW, a_declaration_id, a_declaration_submitted


def a_wish(**changes: Any) -> Booking:
    return wish_of(a_declaration_submitted(**changes))


def booked(wish: Booking, *, is_registered: bool = True, holder: str | None = None) -> Booking:
    waybill = replace(wish.waybill, declaration_id=holder)
    return book(wish, Ground(is_registered=is_registered, waybill=waybill))


def an_arrival(weight: str = "1.2", packages: int = 1) -> Arrival:
    return Arrival(
        arrived_at=NOW, site="PVG", packages=packages, gross_weight=Decimal(weight), reported_at=NOW
    )


def after(booking: Booking, verdict: Verdict = "pass") -> Booking:
    review = review_of(booking, NOW)
    assert review is not None
    order = DecideReview(
        declaration_id=booking.declaration_id,
        version=1,
        lease_no=1,
        verdict=verdict,
        reason="seen",
        officer="o",
    )
    return decide(booking, ReviewDecided(review=review, order=order))


def told(booking: Booking) -> tuple[str, str, str]:
    gate = gate_of(booking)
    return gate.status, gate.code, gate.awaits


def test_a_consignment_authorised_before_arrival_passes_at_once() -> None:
    assert told(booked(a_wish(arrival="pre_arrival"))) == ("PASSED", "PRE_ARRIVAL", "")


def test_a_consignment_on_site_awaits_its_carrier_for_fifteen_days() -> None:
    booking = booked(a_wish(arrival="on_site"))

    assert told(booking) == ("HELD", "AWAITING_ARRIVAL", "carrier")
    assert gate_of(booking).due_at == NOW + timedelta(days=15)


def test_an_arrival_known_before_the_booking_passes_it() -> None:
    wish = a_wish(arrival="on_site")
    waybill = replace(wish.waybill, declaration_id=None, arrived=an_arrival())

    booking = book(wish, Ground(is_registered=True, waybill=waybill))

    assert told(booking) == ("PASSED", "ARRIVED", "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transport__document_no": "999-12345670"}, "E-LOG-DOCUMENT"),
        ({"gross_weight": Decimal(0)}, "E-LOG-WEIGHT"),
        ({"packages": 0}, "E-LOG-WEIGHT"),
    ],
)
def test_what_the_submission_alone_shows_is_refused_at_once(changes: dict[str, Any], code: str) -> None:
    assert told(booked(a_wish(**changes))) == ("REFUSED", code, "")


def test_an_unknown_carrier_is_doubted_then_refused() -> None:
    booking = booked(a_wish(), is_registered=False)
    waiting = replace(booking, judged_again_at=NOW + timedelta(seconds=15))

    assert told(waiting) == ("HELD", "AWAITING_WORD", "logistics")
    assert gate_of(waiting).due_at == NOW + timedelta(seconds=15)
    assert told(judged_again([booking])[0]) == ("REFUSED", "E-LOG-CARRIER", "")


def test_a_number_in_anothers_hand_is_doubted_then_refused() -> None:
    booking = booked(a_wish(), holder=a_declaration_id(2))

    assert booking.doubt is not None
    assert told(judged_again([booking])[0]) == ("REFUSED", "E-LOG-WAYBILL", "")


def test_direct_mail_by_air_without_a_flight_waits_for_an_officer() -> None:
    booking = booked(a_wish(transport__voyage_no=""))

    assert told(booking) == ("HELD", "TRANSPORT_DETAILS", "logistics officer")
    assert told(after(booking)) == ("PASSED", "PRE_ARRIVAL", "")
    assert told(after(booking, "refuse")) == ("REFUSED", "E-LOG-REFUSED", "")


def test_land_and_bonded_goods_need_no_voyage() -> None:
    by_land = Transport(mode="land", document_no="SRR0000001")
    bonded = Transport(mode="air", document_no="-")

    assert told(booked(a_wish(transport=by_land)))[0] == "PASSED"
    assert told(booked(a_wish(mode="1210", transport=bonded)))[0] == "PASSED"


def test_an_officer_who_accepts_the_details_does_not_replace_the_arrival() -> None:
    booking = booked(a_wish(arrival="on_site", transport__voyage_no=""))

    assert told(after(booking)) == ("HELD", "AWAITING_ARRIVAL", "carrier")


def test_goods_that_never_came_wait_for_an_officer_whose_word_is_enough() -> None:
    late = replace(booked(a_wish(arrival="on_site")), is_overdue=True)

    assert told(late) == ("HELD", "ARRIVAL_OVERDUE", "logistics officer")
    assert gate_of(late).due_at == NOW + ARRIVAL_TIME + timedelta(days=5)
    assert told(after(late)) == ("PASSED", "OFFICER_PASSED", "")


def test_goods_that_came_late_pass() -> None:
    late = replace(booked(a_wish(arrival="on_site")), is_overdue=True, arrived=an_arrival())

    assert told(late) == ("PASSED", "ARRIVED", "")


@pytest.mark.parametrize("arrived", [an_arrival("2.5"), an_arrival(packages=2)])
def test_what_arrived_otherwise_waits_for_an_officer(arrived: Arrival) -> None:
    booking = replace(booked(a_wish(arrival="on_site")), arrived=arrived)

    assert told(booking) == ("HELD", "ARRIVAL_MISMATCH", "logistics officer")
    assert "booked 1 packages of 1.2 kg" in gate_of(booking).reason
    assert told(after(booking)) == ("PASSED", "ARRIVED", "")


def test_every_hold_has_an_owner_a_reason_and_a_due_time() -> None:
    on_site = booked(a_wish(arrival="on_site"))
    held = [
        on_site,
        replace(on_site, is_overdue=True),
        replace(on_site, arrived=an_arrival("9")),
        booked(a_wish(transport__voyage_no="")),
        replace(booked(a_wish(), is_registered=False), judged_again_at=NOW),
    ]

    for gate in map(gate_of, held):
        assert gate.status == "HELD"
        assert gate.awaits
        assert gate.reason
        assert gate.due_at


def an_order(arrived_at: datetime, declaration_id: str | None = None) -> ReportArrival:
    return ReportArrival(
        declaration_id=declaration_id,
        carrier="CARRIER001",
        waybill_no="W",
        arrived_at=arrived_at,
        site="PVG",
        packages=1,
        gross_weight=Decimal(1),
    )


@pytest.mark.parametrize(
    "moment",
    [
        NOW + AHEAD + timedelta(seconds=1),
        NOW - BEFORE - timedelta(seconds=1),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_nothing_arrives_in_the_future_or_long_before_its_filing(moment: datetime) -> None:
    with pytest.raises(Refusal, match="E-LOG-ARRIVAL-TIME"):
        arrival_of(an_order(moment), NOW, NOW)


@pytest.mark.parametrize("moment", [NOW + AHEAD, NOW - BEFORE])
def test_an_arrival_on_the_bound_counts(moment: datetime) -> None:
    assert arrival_of(an_order(moment), NOW, NOW).arrived_at == moment


def test_a_late_report_is_measured_by_the_filing_and_not_by_today() -> None:
    filed, today = NOW, NOW + 2 * BEFORE

    assert arrival_of(an_order(NOW), filed, today).arrived_at == NOW
    with pytest.raises(Refusal, match="more than 30 days before"):
        arrival_of(an_order(NOW), today, today)
