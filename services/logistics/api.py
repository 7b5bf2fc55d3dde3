"""Logistics door: arrivals in, consignments out.

A carrier reports under its own code. A parcel that nobody has booked yet is not lost: its arrival is kept, and
passes a booking made later at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from services.logistics.arrivals import MOST, ArrivalIn, Unreadable, read_report
from services.logistics.booking import OFFICER, Booking, gate_of
from services.logistics.domain import ReportArrival
from services.logistics.handlers import on_arrivals_reported
from services.logistics.store import SqlConsignments
from shared.contracts.logistics import ConsignmentArrived
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import Commands, Doing, not_found, reader

router = APIRouter(prefix="/v1/consignments", tags=["logistics"])
AT_ONCE = 4
"""Arrivals of one report that are noted at the same time, a transaction each."""

Outcome = Literal["arrived", "repeated", "early", "refused"]
Status = Literal["EXPECTED", "ARRIVED", "ON_HOLD", "REFUSED", "GATE_OUT"]
Word = Annotated[str, Path(max_length=60, pattern=r"^[^\x00-\x1f]+$")]


class FaultOut(BaseModel):
    """One fault of an item."""

    pointer: str = Field(description="JSON Pointer (RFC 6901) into the list", examples=["/3/gross_weight"])
    code: str
    rule: str
    detail: str
    fix: str


class ArrivalOut(BaseModel):
    """What became of one item."""

    waybill_no: str
    outcome: Outcome = Field(
        description="arrived: noted on its declaration; repeated: known already, nothing changed; early: nobody "
        "has booked this number yet, the arrival is kept for who does; refused: see errors."
    )
    gate: str = Field(default="", description="Logistics' gate after it", examples=["PASSED"])
    code: str = Field(default="", examples=["ARRIVED", "ARRIVAL_MISMATCH", "E-LOG-NOTFOUND"])
    detail: str = ""
    errors: list[FaultOut] = []


class ReportOut(BaseModel):
    """The outcome of each item, in the order sent."""

    items: list[ArrivalOut]


class ConsignmentOut(BaseModel):
    """A consignment by its waybill number."""

    carrier: str = Field(examples=["CARRIER001"])
    waybill_no: str
    declaration_id: str
    version: int
    transport_mode: Literal["air", "sea", "land"]
    arrival: Literal["on_site", "pre_arrival"]
    packages: int
    gross_weight: str = Field(description="kg, as booked", examples=["1.2"])
    status: Status
    gate: str = Field(examples=["HELD"])
    code: str = Field(examples=["AWAITING_ARRIVAL"])
    reason: str
    awaits: str = Field(examples=["carrier"])
    due_at: datetime | None
    arrived_at: datetime | None
    site: str
    permit_no: str = Field(description="The goods may leave the site once it is there")


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST,
                    "items": ArrivalIn.model_json_schema(),
                },
                "example": [
                    {
                        "waybill_no": "GG000000012GB",
                        "arrived_at": "2025-06-03T04:30:00+08:00",
                        "site": "PVG-T2",
                        "packages": 1,
                        "gross_weight": "1.20",
                    }
                ],
            }
        },
    }
}


@router.post("/arrivals", summary="A carrier reports parcels on site", openapi_extra=_BODY)
async def report(
    request: Request, orders: Doing, caller: Annotated[Caller, Depends(allowed("arrivals:write"))]
) -> ReportOut:
    """Up to 1,000 arrivals, each with its own outcome. The same report again changes nothing."""
    items = read_report(await request.body(), caller.party)
    arrivals = [item for item in items if isinstance(item, ReportArrival)]
    told = iter(await note_all(request, orders, arrivals))
    return ReportOut(items=[shown(item) if isinstance(item, Unreadable) else next(told) for item in items])


@router.get("/{carrier}/{waybill_no}", summary="A consignment by carrier and waybill number")
async def consignment(
    carrier: Word,
    waybill_no: Word,
    desk: Annotated[SqlConsignments, Depends(reader(SqlConsignments))],
    caller: Annotated[Caller, Depends(allowed("declarations:read"))],
) -> ConsignmentOut:
    """Where it stands, for the parties of its declaration and for officers."""
    found = await desk.booked_under(carrier, waybill_no)
    if found is None or not caller.may_read(found[0].parties):
        raise not_found("consignment")
    return consignment_out(*found)


async def note_all(request: Request, orders: Commands, arrivals: Sequence[ReportArrival]) -> list[ArrivalOut]:
    """Note arrivals, each under the head of its number's holder.

    The holder is looked up without a lock; who was booked in between is found by a second look, and noted again.
    """
    first = await note_once(orders, await with_holders(request, arrivals))
    early = {order.key: order for order, out in zip(arrivals, first, strict=True) if out.outcome == "early"}
    booked = [order for order in await with_holders(request, list(early.values())) if order.declaration_id]
    again = dict(zip((order.key for order in booked), await note_once(orders, booked), strict=True))
    return [again.get(order.key, out) for order, out in zip(arrivals, first, strict=True)]


async def with_holders(request: Request, arrivals: Sequence[ReportArrival]) -> list[ReportArrival]:
    """The orders with the declarations that hold their numbers, as last seen."""
    if not arrivals:
        return []
    async with request.app.state.runtime.engine.connect() as connection:
        numbers = [order.waybill_no for order in arrivals]
        holders = await SqlConsignments(connection).holders(arrivals[0].carrier, numbers)
    return [replace(order, declaration_id=holders.get(order.waybill_no)) for order in arrivals]


async def note_once(orders: Commands, arrivals: Sequence[ReportArrival]) -> list[ArrivalOut]:
    """Run the orders, a few at a time; one that is refused spoils no other."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def note(order: ReportArrival) -> ArrivalOut:
        async with gate:
            try:
                made = await orders.run(on_arrivals_reported, order)
            except Refusal as refusal:
                return refused(order, refusal)
        return noted(order, made)

    return list(await asyncio.gather(*map(note, arrivals)))


def noted(order: ReportArrival, made: Sequence[Any]) -> ArrivalOut:
    """The outcome of an order that was run."""
    for event in made:
        if isinstance(event, ConsignmentArrived):
            gate = event.gate
            return ArrivalOut(
                waybill_no=order.waybill_no,
                outcome="arrived",
                gate=gate.status,
                code=gate.code,
                detail=gate.reason,
            )
    if order.declaration_id:
        return ArrivalOut(waybill_no=order.waybill_no, outcome="repeated", detail="the first report stands")
    detail = "nobody has booked this number yet; the arrival is kept and passes a later booking at once"
    return ArrivalOut(waybill_no=order.waybill_no, outcome="early", code="E-LOG-NOTFOUND", detail=detail)


def refused(order: ReportArrival, refusal: Refusal) -> ArrivalOut:
    """The outcome of an order that was refused."""
    return ArrivalOut(
        waybill_no=order.waybill_no,
        outcome="refused",
        code=refusal.code,
        detail=f"{refusal.detail}: {refusal.fix}",
    )


def shown(item: Unreadable) -> ArrivalOut:
    """The outcome of an item that is no arrival."""
    errors = [FaultOut.model_validate(asdict(fault)) for fault in item.faults]
    return ArrivalOut(waybill_no=item.waybill_no, outcome="refused", code="E-FMT-SCHEMA", errors=errors)


def consignment_out(booking: Booking, permit_no: str) -> ConsignmentOut:
    """As shown."""
    gate, arrived = gate_of(booking), booking.arrived
    return ConsignmentOut(
        carrier=booking.carrier,
        waybill_no=booking.waybill_no,
        declaration_id=booking.declaration_id,
        version=booking.version,
        transport_mode=booking.transport.mode,
        arrival=booking.arrival,
        packages=booking.packages,
        gross_weight=str(booking.gross_weight),
        status=status_of(booking, permit_no),
        gate=gate.status,
        code=gate.code,
        reason=gate.reason,
        awaits=gate.awaits,
        due_at=gate.due_at,
        arrived_at=arrived.arrived_at if arrived else None,
        site=arrived.site if arrived else "",
        permit_no=permit_no,
    )


def status_of(booking: Booking, permit_no: str) -> Status:
    """The consignment's own state."""
    gate = gate_of(booking)
    if gate.status == "REFUSED":
        return "REFUSED"
    if permit_no:
        return "GATE_OUT"
    if gate.awaits == OFFICER:
        return "ON_HOLD"
    return "ARRIVED" if booking.arrived else "EXPECTED"
