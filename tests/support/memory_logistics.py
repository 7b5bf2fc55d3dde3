"""Memory logistics: the consignments without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.logistics.booking import Booking
from services.logistics.domain import Due
from services.logistics.returns import AwaitedReturn
from services.logistics.waybills import Key, Waybill
from shared.contracts.clearance import PermitIssued
from shared.kernel.review import Review


class MemoryConsignments:
    """Keeps the promise of `Consignments` in dicts."""

    def __init__(self, *carriers: str) -> None:
        self.carriers = set(carriers)
        self.waybills: dict[Key, Waybill] = {}
        self.bookings: dict[str, Booking] = {}
        self.permits: dict[str, str] = {}
        self.awaited: dict[tuple[str, str], AwaitedReturn] = {}
        self.deadlines: list[Due] = []
        self.queue: dict[str, Review] = {}

    async def registered_among(self, codes: Iterable[str]) -> set[str]:
        return self.carriers.intersection(codes)

    async def register_carriers(self, codes: Sequence[str]) -> None:
        self.carriers.update(codes)

    async def strike_carriers(self, codes: Sequence[str]) -> None:
        self.carriers.difference_update(codes)

    async def lock_waybills(self, wanted: Iterable[Waybill]) -> dict[Key, Waybill]:
        first = {waybill.key: waybill for waybill in reversed(list(wanted))}
        return {key: self.waybills.setdefault(key, waybill) for key, waybill in sorted(first.items())}

    async def save_waybills(self, changed: Sequence[Waybill]) -> None:
        self.waybills |= {waybill.key: waybill for waybill in changed}

    async def bookings_of(self, declaration_ids: Sequence[str]) -> dict[str, Booking]:
        return {key: self.bookings[key] for key in declaration_ids if key in self.bookings}

    async def save_bookings(self, booked: Sequence[Booking]) -> None:
        self.bookings |= {booking.declaration_id: booking for booking in booked}

    async def set_deadlines(self, due: Sequence[Due]) -> None:
        self.deadlines += due

    async def allow_gate_out(self, permits: Sequence[PermitIssued]) -> None:
        self.permits |= {permit.declaration_id: permit.permit_no for permit in permits}

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        self.queue |= {review.declaration_id: review for review in opened}

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        for declaration_id in declaration_ids:
            self.queue.pop(declaration_id, None)

    async def awaited_of(self, declaration_ids: Sequence[str]) -> dict[str, list[AwaitedReturn]]:
        found: dict[str, list[AwaitedReturn]] = {}
        for (declaration_id, _), each in sorted(self.awaited.items()):
            if declaration_id in declaration_ids:
                found.setdefault(declaration_id, []).append(each)
        return found

    async def save_awaited(self, changed: Sequence[AwaitedReturn]) -> None:
        self.awaited |= {(each.declaration_id, each.request_id): each for each in changed}

    async def holders(self, carrier: str, numbers: Sequence[str]) -> dict[str, str | None]:
        keys = [(carrier, number) for number in numbers]
        return {key[1]: self.waybills[key].declaration_id for key in keys if key in self.waybills}

    async def booked_under(self, carrier: str, waybill_no: str) -> tuple[Booking, str] | None:
        waybill = self.waybills.get((carrier, waybill_no))
        if waybill is None or waybill.declaration_id not in self.bookings:
            return None
        return self.bookings[waybill.declaration_id], self.permits.get(waybill.declaration_id, "")
