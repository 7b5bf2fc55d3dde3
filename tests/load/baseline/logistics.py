"""Baseline's logistics service: book, and let out at the permit."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from sandbox.parties import read_sandbox
from services.logistics import domain, sayings
from services.logistics.booking import Booking
from services.logistics.waybills import Key, Waybill
from shared.contracts.clearance import PermitIssued
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.kernel.ids import DeclarationId
from tests.load.baseline.tables import BookingRow, WaybillRow, put_missing

HEARS = ("declaration", "clearance")
_booking = TypeAdapter(Booking)


async def handle(session: AsyncSession, events: Sequence[Event]) -> list[Event]:
    """Everything that logistics hears."""
    filed = [event for event in events if isinstance(event, DeclarationSubmitted)]
    permits = [event for event in events if isinstance(event, PermitIssued)]
    said: list[Event] = []
    if filed:
        said += await _book(session, filed)
    if permits:
        said += await _let_out(session, permits)
    return said


async def _book(session: AsyncSession, filed: Sequence[DeclarationSubmitted]) -> list[Event]:
    ids = [each.declaration_id for each in filed]
    asked = sa.select(BookingRow.declaration_id).where(BookingRow.declaration_id.in_(ids))
    known = set(await session.scalars(asked))
    wishes = [sayings.wish_of(each) for each in filed if each.declaration_id not in known]
    rows = await _locked(session, wishes)
    held = {key: _waybill(row) for key, row in rows.items()}
    bookings, numbers = domain.book_all(wishes, {}, carriers(), held)
    for changed in domain.changes(held, numbers):
        row = rows[changed.key]
        row.declaration_id, row.taken_at = changed.declaration_id, changed.taken_at
    session.add_all(
        BookingRow(declaration_id=booking.declaration_id, booking=_booking.dump_json(booking))
        for booking in bookings
    )
    return [sayings.booked(booking) for booking in bookings]


async def _locked(session: AsyncSession, wishes: Sequence[Booking]) -> dict[Key, WaybillRow]:
    keys = sorted({wish.key for wish in wishes})
    if not keys:
        return {}
    taken_at = {wish.key: wish.filed_at for wish in wishes}
    fresh: list[dict[str, object]] = [
        {"carrier": key[0], "waybill_no": key[1], "taken_at": taken_at[key]} for key in keys
    ]
    await put_missing(session, WaybillRow, fresh)
    wanted = sa.tuple_(WaybillRow.carrier, WaybillRow.waybill_no).in_(keys)
    asked = sa.select(WaybillRow).where(wanted).order_by(WaybillRow.carrier, WaybillRow.waybill_no)
    return {(row.carrier, row.waybill_no): row for row in await session.scalars(asked.with_for_update())}


async def _let_out(session: AsyncSession, permits: Sequence[PermitIssued]) -> list[Event]:
    numbers = {permit.declaration_id: permit.permit_no for permit in permits}
    asked = sa.select(BookingRow).where(BookingRow.declaration_id.in_(numbers))
    for row in await session.scalars(asked.with_for_update()):
        row.permit_no = numbers[DeclarationId(row.declaration_id)]
    return [sayings.gated_out(permit) for permit in permits]


def carriers() -> set[str]:
    """The registered carriers, in memory."""
    return {party.code for party in read_sandbox().parties if "carrier" in party.roles}


def _waybill(row: WaybillRow) -> Waybill:
    return Waybill(
        carrier=row.carrier,
        waybill_no=row.waybill_no,
        declaration_id=row.declaration_id,
        taken_at=row.taken_at,
    )
