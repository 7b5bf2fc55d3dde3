"""Logistics decisions: book, arrive, overdue, decide, end.

All pure: what was loaded and locked comes in, what is to be saved goes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from services.logistics import waybills
from services.logistics.booking import OFFICER, Booking, gate_of, refused
from services.logistics.rules import DOUBTS, REFUSALS, Ground, first_word
from services.logistics.waybills import Arrival, Key, Waybill
from shared.kernel.refusal import Refusal
from shared.kernel.review import ReviewDecided

PATIENCE = timedelta(seconds=15)
"""How long a word of registry or clearance may be on its way: events of different speakers have no order."""

AHEAD = timedelta(minutes=10)
"""How far a carrier's clock may run before ours."""

BEFORE = timedelta(days=30)
"""How long before its filing (or, while nobody has booked it, before the report) a parcel may have come: goods that
wait on site for their papers (our bound, not sourced as law)."""

Bookings = Mapping[str, Booking]
"""By declaration."""
Numbers = Mapping[Key, Waybill]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportArrival:
    """A carrier's order: note that a parcel is on site. `declaration_id` is the holder as last seen, if any."""

    declaration_id: str | None
    carrier: str
    waybill_no: str
    arrived_at: datetime
    site: str
    packages: int
    gross_weight: Decimal

    @property
    def key(self) -> Key:
        """Carrier and number."""
        return self.carrier, self.waybill_no


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalOverdue:
    """The time for the arrival of a version is over."""

    declaration_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeAgain:
    """A booking was in doubt; what was missing should have been heard by now."""

    declaration_id: str
    version: int


class Order(Protocol):
    """What is to be looked at later."""

    @property
    def declaration_id(self) -> str: ...
    @property
    def version(self) -> int: ...


Due = tuple[datetime, Order]


def book_all(
    wishes: Sequence[Booking], older: Bookings, registered: Collection[str], held: Numbers
) -> tuple[list[Booking], Numbers]:
    """Each booking judged, in order, and the numbers as they stand afterwards.

    A version that replaces another keeps its number or lets the old one go.
    """
    numbers = dict(held)
    for wish in wishes:
        before = older.get(wish.declaration_id)
        if before is not None and before.key != wish.key:
            numbers[before.key] = waybills.freed(numbers[before.key], wish.declaration_id)
    bookings = []
    for wish in wishes:
        waybill = numbers[wish.key]
        bookings.append(book(wish, Ground(is_registered=wish.carrier in registered, waybill=waybill)))
        if waybill.is_free_for(wish.declaration_id, wish.filed_at):
            numbers[wish.key] = waybills.taken(waybill, wish.declaration_id, wish.filed_at)
    return bookings, numbers


def book(wish: Booking, ground: Ground) -> Booking:
    """A booking refused, in doubt, or in order and with what has arrived already under its number."""
    refusal = first_word(REFUSALS, wish, ground)
    if refusal is not None:
        return replace(wish, refusal=refusal)
    doubt = first_word(DOUBTS, wish, ground)
    if doubt is not None:
        return replace(wish, doubt=doubt)
    arrived = waybills.taken(ground.waybill, wish.declaration_id, wish.filed_at).arrived
    return replace(wish, arrived=arrived) if arrived else wish


def doubted_until(moment: datetime, bookings: Iterable[Booking]) -> list[Booking]:
    """The bookings; those in doubt are to be judged again at a moment."""
    return [replace(each, judged_again_at=moment) if each.doubt else each for each in bookings]


def judged_again(bookings: Iterable[Booking]) -> list[Booking]:
    """The bookings; those still in doubt are refused now."""
    return [replace(each, refusal=each.doubt, doubt=None) if each.doubt else each for each in bookings]


def in_doubt(batch: Sequence[JudgeAgain], bookings: Bookings) -> list[Booking]:
    """The bookings that deadlines still mean, as they were wished."""
    meant = {(order.declaration_id, order.version) for order in batch}
    return [
        replace(each, doubt=None, judged_again_at=None)
        for each in bookings.values()
        if (each.declaration_id, each.version) in meant and each.doubt and not each.is_over
    ]


def deadlines_of(bookings: Iterable[Booking]) -> list[Due]:
    """What is to be looked at later, and when."""
    due: list[Due] = []
    for each in bookings:
        if each.is_expected:
            overdue = ArrivalOverdue(declaration_id=each.declaration_id, version=each.version)
            due.append((each.due_at, overdue))
        if each.judged_again_at:
            again = JudgeAgain(declaration_id=each.declaration_id, version=each.version)
            due.append((each.judged_again_at, again))
    return due


def report_all(
    batch: Sequence[ReportArrival], bookings: Bookings, held: Numbers, now: datetime
) -> tuple[list[Booking], Numbers]:
    """The bookings that something has arrived for, and the numbers with their arrivals.

    A number whose holder is not the one that the command was run for is only noted: that one's head is not
    locked here. What has arrived once does not arrive again.
    """
    numbers = dict(held)
    for order in batch:
        booking = bookings.get(order.declaration_id or "")
        arrival = arrival_of(order, booking.filed_at if booking else now, now)
        numbers[order.key] = waybills.reported(numbers[order.key], arrival)
    arrived = [
        replace(booking, arrived=numbers[booking.key].arrived)
        for booking in bookings.values()
        if booking.key in numbers and is_new_for(booking, numbers[booking.key])
    ]
    return arrived, numbers


def is_new_for(booking: Booking, waybill: Waybill) -> bool:
    """Whether an arrival on a number is this booking's, and news to it."""
    is_its_own = waybill.declaration_id == booking.declaration_id
    return is_its_own and booking.arrived is None and not booking.is_over


def arrival_of(order: ReportArrival, filed_at: datetime, now: datetime) -> Arrival:
    """What a carrier reports: nothing arrives in the future, nor long before it was filed."""
    if order.arrived_at > now + AHEAD:
        raise _untimely(order, "is still to come")
    if order.arrived_at < filed_at - BEFORE:
        raise _untimely(order, f"is more than {BEFORE.days} days before {filed_at.isoformat()}")
    return Arrival(
        arrived_at=order.arrived_at,
        site=order.site,
        packages=order.packages,
        gross_weight=order.gross_weight,
        reported_at=now,
    )


def _untimely(order: ReportArrival, why: str) -> Refusal:
    return Refusal(
        "E-LOG-ARRIVAL-TIME",
        f"arrived_at {order.arrived_at.isoformat()} {why}",
        status=422,
        rule="arrival_of",
        fix="report the parcel when it is on site, with its day and the offset of its zone",
    )


def overdue_all(batch: Sequence[ArrivalOverdue], bookings: Bookings, held: Numbers) -> list[Booking]:
    """The bookings whose goods have not come in time; an arrival noted on the number meanwhile counts."""
    due = [bookings[order.declaration_id] for order in batch if is_due(order, bookings)]
    return [
        replace(booking, is_overdue=True, arrived=held[booking.key].arrived)
        for booking in due
        if held[booking.key].declaration_id == booking.declaration_id
    ]


def is_due(order: ArrivalOverdue, bookings: Bookings) -> bool:
    """Whether a deadline still means the running version, and its goods are still awaited."""
    booking = bookings.get(order.declaration_id)
    return booking is not None and booking.version == order.version and booking.is_expected


def decide(booking: Booking, done: ReviewDecided) -> Booking:
    """A booking after an officer's word on the hold that the review was about."""
    if done.order.verdict == "pass":
        return replace(booking, waived=(*booking.waived, done.review.code))
    return replace(booking, refusal=refused("E-LOG-REFUSED", done.order.reason))


def end_all(through: Mapping[str, int], bookings: Bookings, held: Numbers) -> tuple[list[Booking], Numbers]:
    """Bookings of versions that are over, and their numbers free again."""
    over = [booking for key, booking in bookings.items() if booking.version <= through[key]]
    numbers = dict(held)
    for booking in over:
        numbers[booking.key] = waybills.freed(numbers[booking.key], booking.declaration_id)
    return [replace(booking, is_over=True) for booking in over], numbers


def moved(changed: Iterable[Booking], before: Bookings) -> list[Booking]:
    """Those whose gate is another than it was."""
    return [booking for booking in changed if gate_of(booking) != gate_of(before[booking.declaration_id])]


def relieved(moved: Iterable[Booking], before: Bookings) -> list[Booking]:
    """Those that awaited an officer and do so no more."""
    return [
        booking
        for booking in moved
        if gate_of(before[booking.declaration_id]).awaits == OFFICER and gate_of(booking).awaits != OFFICER
    ]


def changes(before: Numbers, after: Numbers) -> list[Waybill]:
    """The numbers that are not as they were."""
    return [waybill for key, waybill in after.items() if waybill != before[key]]
