"""Answers: what logistics' door shows.

The outcome of each reported arrival, and a consignment as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.logistics.arrivals import Unreadable
from services.logistics.booking import OFFICER, Booking, gate_of
from services.logistics.domain import ReportArrival
from shared.contracts.logistics import ConsignmentArrived
from shared.kernel.refusal import Refusal

Outcome = Literal["arrived", "repeated", "early", "refused"]
Status = Literal["EXPECTED", "ARRIVED", "ON_HOLD", "REFUSED", "GATE_OUT", "REVOKED"]


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
    permit_no: str = Field(
        description="The goods may leave the site once it is there, unless the status is REVOKED"
    )


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


def unreadable(item: Unreadable) -> ArrivalOut:
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
    if booking.is_revoked:
        return "REVOKED"
    if permit_no:
        return "GATE_OUT"
    if gate.awaits == OFFICER:
        return "ON_HOLD"
    return "ARRIVED" if booking.arrived else "EXPECTED"
