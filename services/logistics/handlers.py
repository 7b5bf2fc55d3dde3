"""Logistics handlers: book, arrive, overdue, decide, end.

Heads are locked by the runtime; waybill rows follow, in key order. A booking made after its goods arrived and an
arrival reported before its booking meet on the waybill row, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.logistics import domain, sayings
from services.logistics.booking import Booking, review_of, revoked
from services.logistics.domain import ArrivalOverdue, Bookings, Due, JudgeAgain, ReportArrival
from services.logistics.heard import ConsignmentSubmitted, Submitted
from services.logistics.restoring import on_returns_admitted, on_returns_overdue
from services.logistics.returns import ReturnsOverdue
from services.logistics.waybills import Key, Waybill, unbooked
from shared.contracts.clearance import (
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
    PermitRevoked,
    ReturnAdmitted,
)
from shared.contracts.codec import Reads
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import AnyEvent, Event
from shared.contracts.registry import PartyRegistered
from shared.kernel.review import Review, ReviewDecided

Handler = Callable[..., Awaitable[list[Event]]]


class Consignments(Protocol):
    """Carriers, waybills, bookings and the officers' queue."""

    async def registered_among(self, codes: Iterable[str]) -> set[str]:
        """Those that are registered and active."""

    async def register_carriers(self, codes: Sequence[str]) -> None:
        """Note active carriers."""

    async def strike_carriers(self, codes: Sequence[str]) -> None:
        """Forget those that are no active carriers (any more)."""

    async def lock_waybills(self, wanted: Iterable[Waybill]) -> dict[Key, Waybill]:
        """Lock numbers in key order; those not there yet are inserted as given, the others come as they stand."""

    async def save_waybills(self, changed: Sequence[Waybill]) -> None:
        """Store numbers that are locked and have changed."""

    async def bookings_of(self, declaration_ids: Sequence[str]) -> dict[str, Booking]:
        """The latest booking of each declaration that has one."""

    async def save_bookings(self, booked: Sequence[Booking]) -> None:
        """Store bookings in place of the earlier ones of their declarations."""

    async def set_deadlines(self, due: Sequence[Due]) -> None:
        """Have the commands run at their moments."""

    async def allow_gate_out(self, permits: Sequence[PermitIssued]) -> None:
        """Note the permit numbers on the bookings of their versions."""

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put reviews into the queue; a newer one replaces the older one of its declaration."""

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take the reviews of these declarations out of the queue, if there are any."""


async def on_declarations_submitted(
    batch: Sequence[Submitted], desk: Consignments, now: datetime
) -> list[Event]:
    """Book each version, if carrier, number, document and weight are in order."""
    wishes = [sayings.wish_of(filed) for filed in batch]
    older = await desk.bookings_of([wish.declaration_id for wish in wishes if wish.version > 1])
    registered = await desk.registered_among({wish.carrier for wish in wishes})
    held = await desk.lock_waybills(wish.waybill for wish in (*wishes, *older.values()))
    judged, numbers = domain.book_all(wishes, older, registered, held)
    bookings = domain.doubted_until(now + domain.PATIENCE, judged)
    await desk.save_waybills(domain.changes(held, numbers))
    await desk.close_reviews(list(older))
    await save(desk, bookings, now)
    await desk.set_deadlines(domain.deadlines_of(bookings))
    return [sayings.booked(booking) for booking in bookings]


async def on_bookings_judged_again(
    batch: Sequence[JudgeAgain], desk: Consignments, now: datetime
) -> list[Event]:
    """What was in doubt is booked now, or refused."""
    wishes = domain.in_doubt(batch, await desk.bookings_of([order.declaration_id for order in batch]))
    registered = await desk.registered_among({wish.carrier for wish in wishes})
    held = await desk.lock_waybills(wish.waybill for wish in wishes)
    judged, numbers = domain.book_all(wishes, {}, registered, held)
    bookings = domain.judged_again(judged)
    await desk.save_waybills(domain.changes(held, numbers))
    await save(desk, bookings, now)
    await desk.set_deadlines(domain.deadlines_of(bookings))
    return [sayings.decided(booking) for booking in bookings]


async def on_arrivals_reported(
    batch: Sequence[ReportArrival], desk: Consignments, now: datetime
) -> list[Event]:
    """Note arrivals on their numbers, and on the bookings that hold them."""
    bookings = await desk.bookings_of([order.declaration_id for order in batch if order.declaration_id])
    held = await desk.lock_waybills(unbooked(order.key, now) for order in batch)
    changed, numbers = domain.report_all(batch, bookings, held, now)
    await desk.save_waybills(domain.changes(held, numbers))
    await replace(desk, changed, bookings, now)
    return [sayings.arrived(booking, booking.arrived) for booking in changed if booking.arrived]


async def on_arrivals_overdue(
    batch: Sequence[ArrivalOverdue], desk: Consignments, now: datetime
) -> list[Event]:
    """What has not come in time goes to the officers."""
    bookings = await desk.bookings_of([order.declaration_id for order in batch])
    held = await desk.lock_waybills(booking.waybill for booking in bookings.values())
    late = domain.overdue_all(batch, bookings, held)
    await replace(desk, late, bookings, now)
    return [sayings.decided(booking) for booking in domain.moved(late, bookings)]


async def on_reviews_decided(
    batch: Sequence[ReviewDecided], desk: Consignments, now: datetime
) -> list[Event]:
    """An officer's word on one hold; what holds the booking next, if anything, follows at once."""
    bookings = await desk.bookings_of([done.declaration_id for done in batch])
    changed = [domain.decide(bookings[done.declaration_id], done) for done in batch]
    await save(desk, changed, now)
    return [
        sayings.decided(booking, done.order.officer) for booking, done in zip(changed, batch, strict=True)
    ]


async def on_permits_issued(batch: Sequence[PermitIssued], desk: Consignments, _now: datetime) -> list[Event]:
    """The permit lets the goods leave the site."""
    await desk.allow_gate_out(batch)
    return [sayings.gated_out(permit) for permit in batch]


async def on_permits_revoked(
    batch: Sequence[PermitRevoked], desk: Consignments, _now: datetime
) -> list[Event]:
    """The goods may leave the site no more; whether they have left is not known here."""
    bookings = await desk.bookings_of([permit.declaration_id for permit in batch])
    await desk.save_bookings([revoked(booking) for booking in bookings.values()])
    return []


async def on_declarations_ended(
    batch: Sequence[DeclarationRefused | DeclarationCancelled], desk: Consignments, _now: datetime
) -> list[Event]:
    """A declaration that is over holds no waybill number and waits for nobody."""
    bookings = await desk.bookings_of([outcome.declaration_id for outcome in batch])
    held = await desk.lock_waybills(booking.waybill for booking in bookings.values())
    through = {str(outcome.declaration_id): outcome.closes_through for outcome in batch}
    over, numbers = domain.end_all(through, bookings, held)
    await desk.save_waybills(domain.changes(held, numbers))
    await desk.save_bookings(over)
    await desk.close_reviews([booking.declaration_id for booking in over])
    return []


async def on_parties_registered(
    batch: Sequence[PartyRegistered], desk: Consignments, _now: datetime
) -> list[Event]:
    """Keep the copy of registry's carriers."""
    active = {party.code for party in batch if party.active and "carrier" in party.roles}
    await desk.register_carriers(sorted(active))
    await desk.strike_carriers(sorted({party.code for party in batch} - active))
    return []


async def save(desk: Consignments, bookings: Sequence[Booking], now: datetime) -> None:
    """Store bookings, and put those that await an officer into the queue."""
    await desk.save_bookings(bookings)
    reviews = (review_of(booking, now) for booking in bookings)
    await desk.open_reviews([review for review in reviews if review is not None])


async def replace(desk: Consignments, changed: Sequence[Booking], before: Bookings, now: datetime) -> None:
    """Store changed bookings; where the gate has moved, the open review gives way to the next hold or to none."""
    moved = domain.moved(changed, before)
    still = [booking for booking in changed if booking not in moved]
    await desk.save_bookings(still)
    await save(desk, moved, now)
    await desk.close_reviews([booking.declaration_id for booking in domain.relieved(moved, before)])


SUBSCRIPTIONS: dict[type[AnyEvent], Handler] = {
    DeclarationSubmitted: on_declarations_submitted,
    PermitIssued: on_permits_issued,
    PermitRevoked: on_permits_revoked,
    DeclarationRefused: on_declarations_ended,
    DeclarationCancelled: on_declarations_ended,
    PartyRegistered: on_parties_registered,
    ReturnAdmitted: on_returns_admitted,
}
READS: Reads = {DeclarationSubmitted: ConsignmentSubmitted}
DEADLINES: dict[type[Any], Handler] = {
    ArrivalOverdue: on_arrivals_overdue,
    JudgeAgain: on_bookings_judged_again,
    ReturnsOverdue: on_returns_overdue,
}
