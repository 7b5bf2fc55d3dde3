"""Logistics store: carriers, waybills, bookings.

carriers  the active ones, a copy of registry's
waybills  one row a number: its holder, since when, and what arrived under it
bookings  one row a declaration: its latest version's booking, as JSON
awaited_returns  one row a return that clearance admitted, whatever became of it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.logistics.booking import Booking
from services.logistics.domain import Due
from services.logistics.returns import AwaitedReturn
from services.logistics.waybills import Arrival, Key, Waybill
from shared.contracts.clearance import PermitIssued
from shared.kernel.review import Review
from shared.runtime import reviews
from shared.runtime.arrays import columns_of, unnest
from shared.runtime.database import (
    delete_rows,
    fetch,
    insert_missing,
    update_rows,
    upsert_rows,
)
from shared.runtime.deadlines import Deadline, set_deadlines

_UUID = sa.Uuid(as_uuid=False)

tables = sa.MetaData()
carriers = sa.Table("carriers", tables, sa.Column("code", sa.Text, primary_key=True))
waybills = sa.Table(
    "waybills",
    tables,
    sa.Column("carrier", sa.Text, primary_key=True),
    sa.Column("waybill_no", sa.Text, primary_key=True),
    sa.Column("declaration_id", _UUID),
    sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("arrived", sa.Text),
)
bookings = sa.Table(
    "bookings",
    tables,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("permit_no", sa.Text, nullable=False, server_default=""),
    sa.Column("body", sa.Text, nullable=False),
)

awaited_returns = sa.Table(
    "awaited_returns",
    tables,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("request_id", _UUID, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

_WAYBILL = tuple(waybills.columns.keys())
_KEY = ("carrier", "waybill_no")
_LOCK = sa.text(
    f"""insert into waybills ({", ".join(_WAYBILL)}) select * from {unnest(waybills, _WAYBILL)}
        on conflict (carrier, waybill_no) do update set carrier = waybills.carrier
        returning carrier, waybill_no, declaration_id::text, taken_at, arrived"""
)
_BOOKINGS = sa.text("select body from bookings where declaration_id = any(cast(:ids as uuid[]))")
_CARRIERS = sa.text("select code from carriers where code = any(cast(:codes as text[]))")
_HOLDERS = sa.text(
    """select waybill_no, declaration_id::text from waybills
       where carrier = :carrier and waybill_no = any(cast(:numbers as text[]))"""
)
_BOOKED = sa.text(
    """select b.body, b.permit_no from waybills w join bookings b on b.declaration_id = w.declaration_id
       where w.carrier = :carrier and w.waybill_no = :waybill_no"""
)

_AWAITED = sa.text(
    """select body from awaited_returns where declaration_id = any(cast(:ids as uuid[]))
       order by declaration_id, request_id"""
)

_encode = msgspec.json.encode
_booking = msgspec.json.Decoder(Booking).decode
_awaited = msgspec.json.Decoder(AwaitedReturn).decode
_arrival = msgspec.json.Decoder(Arrival).decode


class SqlConsignments:
    """Carriers, waybills, bookings and the officers' queue, bound to one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def registered_among(self, codes: Iterable[str]) -> set[str]:
        """Those that are registered and active."""
        rows = await fetch(self.connection, _CARRIERS, {"codes": sorted(codes)})
        return {row[0] for row in rows}

    async def register_carriers(self, codes: Sequence[str]) -> None:
        """Note active carriers."""
        await insert_missing(self.connection, carriers, [{"code": code} for code in codes], key=("code",))

    async def strike_carriers(self, codes: Sequence[str]) -> None:
        """Forget those that are no active carriers (any more)."""
        await delete_rows(self.connection, carriers, [{"code": code} for code in codes], key=("code",))

    async def lock_waybills(self, wanted: Iterable[Waybill]) -> dict[Key, Waybill]:
        """Lock numbers in key order; those not there yet are inserted as given, the others come as they stand.

        One statement: the update that changes nothing locks a row, and returns it as its last writer left it.
        """
        first: dict[Key, Waybill] = {}
        for waybill in wanted:
            first.setdefault(waybill.key, waybill)
        if not first:
            return {}
        given = columns_of(waybills, _WAYBILL, [_row(first[key]) for key in sorted(first)])
        found = await fetch(self.connection, _LOCK, given)
        return {(row[0], row[1]): _waybill(row) for row in found}

    async def save_waybills(self, changed: Sequence[Waybill]) -> None:
        """Store numbers that are locked and have changed."""
        await update_rows(self.connection, waybills, [_row(waybill) for waybill in changed], key=_KEY)

    async def bookings_of(self, declaration_ids: Sequence[str]) -> dict[str, Booking]:
        """The latest booking of each declaration that has one."""
        if not declaration_ids:
            return {}
        rows = await fetch(self.connection, _BOOKINGS, {"ids": list(declaration_ids)})
        found = (_booking(row[0]) for row in rows)
        return {booking.declaration_id: booking for booking in found}

    async def save_bookings(self, booked: Sequence[Booking]) -> None:
        """Store bookings in place of the earlier ones of their declarations."""
        rows = [
            {
                "declaration_id": booking.declaration_id,
                "version": booking.version,
                "body": _encode(booking).decode(),
            }
            for booking in booked
        ]
        await upsert_rows(self.connection, bookings, rows, key=("declaration_id",))

    async def set_deadlines(self, due: Sequence[Due]) -> None:
        """Have the commands run at their moments."""
        await set_deadlines(
            self.connection, [Deadline(due_at=moment, command=command) for moment, command in due]
        )

    async def allow_gate_out(self, permits: Sequence[PermitIssued]) -> None:
        """Note the permit numbers on the bookings of their versions."""
        rows = [
            {
                "declaration_id": permit.declaration_id,
                "version": permit.version,
                "permit_no": permit.permit_no,
            }
            for permit in permits
        ]
        await update_rows(self.connection, bookings, rows, key=("declaration_id", "version"))

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put reviews into the queue; a newer one replaces the older one of its declaration."""
        await reviews.open_reviews(self.connection, opened)

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take the reviews of these declarations out of the queue, if there are any."""
        await reviews.close_reviews(self.connection, declaration_ids)

    async def awaited_of(self, declaration_ids: Sequence[str]) -> dict[str, list[AwaitedReturn]]:
        """The returns of declarations, whatever became of them."""
        found: dict[str, list[AwaitedReturn]] = {}
        bodies = await self.connection.execute(_AWAITED, {"ids": list(declaration_ids)})
        for each in map(_awaited, bodies.scalars()):
            found.setdefault(each.declaration_id, []).append(each)
        return found

    async def save_awaited(self, changed: Sequence[AwaitedReturn]) -> None:
        """Store returns, new or in their new state."""
        rows = [
            {
                "declaration_id": each.declaration_id,
                "request_id": each.request_id,
                "status": each.status,
                "body": _encode(each).decode(),
            }
            for each in changed
        ]
        await upsert_rows(self.connection, awaited_returns, rows, key=("declaration_id", "request_id"))

    async def holders(self, carrier: str, numbers: Sequence[str]) -> dict[str, str | None]:
        """Who holds some numbers of a carrier, not locked; a number never heard of is absent."""
        found = await self.connection.execute(_HOLDERS, {"carrier": carrier, "numbers": list(numbers)})
        return {row[0]: row[1] for row in found.all()}

    async def booked_under(self, carrier: str, waybill_no: str) -> tuple[Booking, str] | None:
        """The booking that holds a number, and its permit number or nothing."""
        found = await self.connection.execute(_BOOKED, {"carrier": carrier, "waybill_no": waybill_no})
        row = found.one_or_none()
        return (_booking(row[0]), row[1]) if row else None


def _row(waybill: Waybill) -> dict[str, Any]:
    return {
        "carrier": waybill.carrier,
        "waybill_no": waybill.waybill_no,
        "declaration_id": waybill.declaration_id,
        "taken_at": waybill.taken_at,
        "arrived": _encode(waybill.arrived).decode() if waybill.arrived else None,
    }


def _waybill(row: Any) -> Waybill:
    carrier, waybill_no, declaration_id, taken_at, arrived = row
    return Waybill(
        carrier=carrier,
        waybill_no=waybill_no,
        declaration_id=declaration_id,
        taken_at=taken_at,
        arrived=_arrival(arrived) if arrived else None,
    )
