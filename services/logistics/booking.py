"""Booking: a consignment, and one gate from it.

Every change (an arrival, a deadline, an officer's word) is another value of the booking, and the gate follows
from the value: a refusal first, then the holds in order, then open. Weights in kg.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from services.logistics.waybills import Arrival, Key, Waybill
from shared.kernel.gate import Gate
from shared.kernel.goods import Transport
from shared.kernel.review import Review

OFFICER = "logistics officer"
ARRIVAL_TIME = timedelta(days=15)
"""How long goods may be on their way after filing (our clock, as T3; not sourced as law)."""
REVIEW_TIME = timedelta(days=5)
"""How long an officer has (clock T2; not sourced as law)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A version's consignment, and all that has been heard of it."""

    declaration_id: str
    version: int
    parties: tuple[str, ...]
    filed_at: datetime
    mode: Literal["9610", "1210"]
    carrier: str
    waybill_no: str
    transport: Transport
    arrival: Literal["on_site", "pre_arrival"]
    packages: int
    gross_weight: Decimal
    arrived: Arrival | None = None
    is_overdue: bool = False
    waived: tuple[str, ...] = ()
    """Codes of the holds that an officer has lifted."""
    refusal: Gate | None = None
    """The word that ended it here."""
    doubt: Gate | None = None
    """A refusal that rests on what others have told so far; judged again at `judged_again_at`."""
    judged_again_at: datetime | None = None
    is_over: bool = False
    """Refused or cancelled as a whole: nothing happens to it any more."""
    is_revoked: bool = False
    """Its permit was revoked: what is still on site stays there."""

    @property
    def key(self) -> Key:
        """Carrier and waybill number."""
        return self.carrier, self.waybill_no

    @property
    def due_at(self) -> datetime:
        """When the goods must be on site."""
        return self.filed_at + ARRIVAL_TIME

    @property
    def waybill(self) -> Waybill:
        """Its number, in its hand."""
        return Waybill(
            carrier=self.carrier,
            waybill_no=self.waybill_no,
            declaration_id=self.declaration_id,
            taken_at=self.filed_at,
        )

    @property
    def is_expected(self) -> bool:
        """Whether the goods must still come before anything else happens."""
        is_here = self.arrived is not None or "ARRIVAL_OVERDUE" in self.waived
        is_settled = self.is_over or self.refusal is not None or self.doubt is not None
        return self.arrival == "on_site" and not is_here and not is_settled


def revoked(booking: Booking) -> Booking:
    """The booking after its permit was revoked."""
    return replace(booking, is_revoked=True)


def refused(code: str, reason: str) -> Gate:
    """A gate that says no."""
    return Gate(agency="logistics", status="REFUSED", code=code, reason=reason)


def held(code: str, reason: str, awaits: str, due_at: datetime) -> Gate:
    """A gate that waits for somebody, until a moment."""
    return Gate(agency="logistics", status="HELD", code=code, reason=reason, awaits=awaits, due_at=due_at)


def passed(code: str, reason: str) -> Gate:
    """A gate that is open."""
    return Gate(agency="logistics", status="PASSED", code=code, reason=reason)


ARRIVED = passed("ARRIVED", "the carrier reported the goods on site")
PRE_ARRIVAL = passed("PRE_ARRIVAL", "authorised before arrival")
ACCEPTED = passed("OFFICER_PASSED", "an officer accepted the booking without an arrival report")


def awaits_word(booking: Booking) -> Gate | None:
    """What others tell may be late: a refused declaration's number, a new carrier's registration."""
    if booking.doubt is None or booking.judged_again_at is None:
        return None
    reason = f"{booking.doubt.reason}; judged again before it is refused"
    return held("AWAITING_WORD", reason, "logistics", booking.judged_again_at)


def lacks_transport_details(booking: Booking) -> Gate | None:
    """CEB621 voyageNo: direct mail by air or sea names its flight or voyage; bonded goods have none."""
    if booking.mode == "1210" or booking.transport.mode == "land" or booking.transport.voyage_no:
        return None
    what = "flight" if booking.transport.mode == "air" else "voyage"
    reason = f"the {what} number is missing: amend it, or let an officer accept the booking without"
    return held("TRANSPORT_DETAILS", reason, OFFICER, booking.filed_at + REVIEW_TIME)


def arrived_otherwise(booking: Booking) -> Gate | None:
    """Risk R10: what arrived is not what was booked."""
    came = booking.arrived
    if came is None or came.fits(booking.packages, booking.gross_weight):
        return None
    reason = (
        f"booked {booking.packages} packages of {booking.gross_weight} kg, "
        f"arrived {came.packages} of {came.gross_weight} kg at {came.site}"
    )
    return held("ARRIVAL_MISMATCH", reason, OFFICER, max(booking.filed_at, came.reported_at) + REVIEW_TIME)


def never_came(booking: Booking) -> Gate | None:
    """Risk R10: no arrival in time."""
    if not (booking.is_expected and booking.is_overdue):
        return None
    reason = f"no arrival was reported by {booking.due_at:%Y-%m-%d %H:%M} UTC"
    return held("ARRIVAL_OVERDUE", reason, OFFICER, booking.due_at + REVIEW_TIME)


def awaits_arrival(booking: Booking) -> Gate | None:
    """GACC release condition: goods are on site, or cleared before arrival by authorisation."""
    if not booking.is_expected:
        return None
    return held(
        "AWAITING_ARRIVAL", "the carrier has not reported the goods on site", "carrier", booking.due_at
    )


HOLDS = (awaits_word, lacks_transport_details, arrived_otherwise, never_came, awaits_arrival)


def gate_of(booking: Booking) -> Gate:
    """What logistics says of a booking: the first word that applies and is not waived."""
    if booking.refusal is not None:
        return booking.refusal
    for hold in HOLDS:
        gate = hold(booking)
        if gate is not None and gate.code not in booking.waived:
            return gate
    return ARRIVED if booking.arrived else PRE_ARRIVAL if booking.arrival == "pre_arrival" else ACCEPTED


def review_of(booking: Booking, now: datetime) -> Review | None:
    """The item of the officers' queue, if the gate awaits an officer."""
    gate = gate_of(booking)
    if gate.awaits != OFFICER:
        return None
    return Review(
        declaration_id=booking.declaration_id,
        version=booking.version,
        code=gate.code,
        reason=gate.reason,
        parties=booking.parties,
        opened_at=now,
        due_at=gate.due_at or now + REVIEW_TIME,
    )
