"""Logistics door: arrivals in, consignments out.

A carrier reports under its own code. A parcel that nobody has booked yet is not lost: its arrival is kept, and
passes a booking made later at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncEngine

from services.logistics import answers, returned
from services.logistics.answers import ArrivalOut, ConsignmentOut, ReportOut
from services.logistics.arrivals import MOST, ArrivalIn, Unreadable, read_report
from services.logistics.domain import ReportArrival
from services.logistics.handlers import on_arrivals_reported
from services.logistics.holders import with_holders
from services.logistics.one_by_one import NOT_NOW, run_alone
from services.logistics.store import SqlConsignments
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import Commands, Doing, not_found, reader
from shared.runtime.route import Door

router = Door(prefix="/v1/consignments", tags=["logistics"])
router.include_router(returned.router)

SILENT = ("early", "repeated")
"""Outcomes of a report that no declaration was told of."""
_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
Carrier = Annotated[
    str, Path(max_length=60, pattern=_PRINTABLE, description="Party code", examples=["CARRIER001"])
]
WaybillNo = Annotated[
    str, Path(max_length=60, pattern=_PRINTABLE, description="As booked", examples=["GG000000012GB"])
]


@router.post("/arrivals", summary="A carrier reports parcels on site")
async def report(
    request: Request, orders: Doing, caller: Annotated[Caller, Depends(allowed("arrivals:write"))]
) -> ReportOut:
    """Up to 1,000 arrivals, each with its own outcome. The same report again changes nothing."""
    items = read_report(await request.body(), caller.party)
    arrivals = [item for item in items if isinstance(item, ReportArrival)]
    told = iter(await note_all(request.app.state.runtime.engine, orders, arrivals))
    return ReportOut(
        items=[answers.unreadable(item) if isinstance(item, Unreadable) else next(told) for item in items]
    )


@router.get("/{carrier}/{waybill_no:path}", summary="A consignment by carrier and waybill number")
async def consignment(
    carrier: Carrier,
    waybill_no: WaybillNo,
    desk: Annotated[SqlConsignments, Depends(reader(SqlConsignments))],
    caller: Annotated[Caller, Depends(allowed("declarations:read"))],
) -> ConsignmentOut:
    """Where it stands, for the parties of its declaration and for officers."""
    found = await desk.booked_under(carrier, waybill_no)
    if found is None or not caller.may_read(found[0].parties):
        raise not_found("consignment")
    return answers.consignment_out(*found)


async def note_all(
    engine: AsyncEngine, orders: Commands, arrivals: Sequence[ReportArrival]
) -> list[ArrivalOut]:
    """Note arrivals, each under the head of its number's holder.

    The holder is looked up without a lock. What was no news to the holder of then is looked up once more: the number
    may have got another meanwhile, whose goods these are, or be in nobody's hand any more.
    """
    named = await with_holders(engine, arrivals)
    first = await note_once(orders, named)
    silent = {order.key: order for order, out in zip(named, first, strict=True) if out.outcome in SILENT}
    looked_up = await with_holders(engine, [*silent.values()])
    moved = [
        order for order in looked_up if order.declaration_id not in (None, silent[order.key].declaration_id)
    ]
    again = {order.key: answers.noted(order, []) for order in looked_up}
    again |= zip((order.key for order in moved), await note_once(orders, moved), strict=True)
    return [
        again[order.key] if out.outcome in SILENT else out for order, out in zip(arrivals, first, strict=True)
    ]


async def note_once(orders: Commands, arrivals: Sequence[ReportArrival]) -> list[ArrivalOut]:
    """Run the orders in one transaction; where one is refused or named twice, each alone: it spoils no other."""
    alone = partial(run_alone, orders, on_arrivals_reported, arrivals, answers.noted, answers.refused)
    if len({order.key for order in arrivals}) < len(arrivals):
        return await alone()
    try:
        made = await orders.run_all(on_arrivals_reported, arrivals) if arrivals else []
    except Refusal as refusal:
        if refusal.status == NOT_NOW:
            raise
        return await alone()
    of_order = {event.subject: event for event in made}
    return [
        answers.noted(order, [event] if (event := of_order.get(order.declaration_id or "")) else [])
        for order in arrivals
    ]


def document(now: datetime) -> None:
    """Give the reports their bodies, each with an example that counts on the day it is pasted."""
    example = {
        "waybill_no": "GG000000012GB",
        "arrived_at": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "site": "PVG-T2",
        "packages": 1,
        "gross_weight": "1.20",
    }
    items = {"type": "array", "minItems": 1, "maxItems": MOST, "items": ArrivalIn.model_json_schema()}
    bodies = {
        "report": {"application/json": {"schema": items, "example": [example]}},
        "report_returns": returned.body_of_returns(now),
    }
    for route in (*router.routes, *returned.router.routes):
        if isinstance(route, APIRoute) and route.name in bodies:
            route.openapi_extra = {"requestBody": {"required": True, "content": bodies[route.name]}}
