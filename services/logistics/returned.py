"""Returned: the door for goods that are back.

A carrier reports under its own code the goods of returns that clearance has admitted, each under the waybill that the
goods came with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from services.logistics.answers import FaultOut
from services.logistics.arrivals import MOST, ReturnedIn, Unreadable, read_returns
from services.logistics.holders import with_holders
from services.logistics.one_by_one import run_alone
from services.logistics.restoring import on_returns_reported
from services.logistics.returns import ReportReturn
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import Doing
from shared.runtime.route import Door

router = Door()


class ReturnedOut(BaseModel):
    """What became of one item."""

    waybill_no: str
    request_id: str
    outcome: Literal["returned", "repeated", "refused"] = Field(
        description="returned: noted, tax and quota are given back; repeated: known already, nothing changed; "
        "refused: see code and errors."
    )
    code: str = Field(default="", examples=["E-RETURN-WINDOW"])
    rule: str = ""
    detail: str = ""
    fix: str = ""
    source: str = ""
    errors: list[FaultOut] = []


class ReturnedReportOut(BaseModel):
    """The outcome of each item, in the order sent."""

    items: list[ReturnedOut]


@router.post("/returns", summary="A carrier reports returned goods on site")
async def report_returns(
    request: Request, orders: Doing, caller: Annotated[Caller, Depends(allowed("arrivals:write"))]
) -> ReturnedReportOut:
    """Up to 1,000 items, each with its own outcome, for returns that were admitted and waybills of your own. The same
    report again changes nothing."""
    items = read_returns(await request.body(), caller.party)
    reports = [item for item in items if isinstance(item, ReportReturn)]
    named = await with_holders(request.app.state.runtime.engine, reports)
    told = iter(await run_alone(orders, on_returns_reported, named, noted, refused))
    return ReturnedReportOut(
        items=[unreadable(item) if isinstance(item, Unreadable) else next(told) for item in items]
    )


def noted(order: ReportReturn, made: Sequence[Any]) -> ReturnedOut:
    """The outcome of an order that was run."""
    done = ReturnedOut(waybill_no=order.waybill_no, request_id=order.request_id, outcome="returned")
    repeated = {"outcome": "repeated", "detail": "the first report stands"}
    return done if made else done.model_copy(update=repeated)


def refused(order: ReportReturn, refusal: Refusal) -> ReturnedOut:
    """The outcome of an order that was refused."""
    told = {name: getattr(refusal, name) for name in ("code", "rule", "detail", "fix", "source")}
    return ReturnedOut(waybill_no=order.waybill_no, request_id=order.request_id, outcome="refused", **told)


def unreadable(item: Unreadable) -> ReturnedOut:
    """The outcome of an item that is no report."""
    errors = [FaultOut.model_validate(asdict(fault)) for fault in item.faults]
    return ReturnedOut(
        waybill_no=item.waybill_no, request_id="", outcome="refused", code="E-FMT-SCHEMA", errors=errors
    )


def body_of_returns(now: datetime) -> dict[str, Any]:
    """The report's body for the reference, with an example that counts on the day it is pasted."""
    example = {
        "waybill_no": "GG000000012GB",
        "request_id": "019732f0-2a80-7000-8000-000000000002",
        "arrived_at": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "site": "PVG-T2",
        "packages": 1,
        "gross_weight": "0.60",
    }
    items = {"type": "array", "minItems": 1, "maxItems": MOST, "items": ReturnedIn.model_json_schema()}
    return {"application/json": {"schema": items, "example": [example]}}
