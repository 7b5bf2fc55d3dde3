"""Arrival reports: a hostile list in, orders out.

One bad item spoils no other: each is an order, or its own faults.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.logistics.domain import ReportArrival
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.body import read_body, read_plain
from shared.runtime.fields import Amount, Code, Moment, Name

MOST = 1000
"""Arrivals in one report."""


class ArrivalIn(BaseModel):
    """One parcel on site."""

    model_config = ConfigDict(extra="forbid")

    waybill_no: Code = Field(max_length=60, description="As booked", examples=["GG000000012GB"])
    arrived_at: Moment = Field(
        description="RFC 3339 with offset; not in the future, and at most 30 days before the filing",
        examples=["2025-06-03T04:30:00+08:00"],
    )
    site: Name = Field(min_length=1, max_length=60, description="Where it lies", examples=["PVG-T2"])
    packages: int = Field(strict=True, ge=1, le=99_999)
    gross_weight: Amount = Field(gt=0, max_digits=14, decimal_places=5, description="kg", examples=["1.20"])


_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An item that is no arrival, and why."""

    waybill_no: str
    faults: tuple[Fault, ...]


def read_report(raw: bytes, carrier: str) -> list[ReportArrival | Unreadable]:
    """The items of a report, in order; raises a Refusal (400, 422) when there is no list to speak of."""
    body = read_body(raw)
    if not isinstance(body.plain, list) or not 1 <= len(body.plain) <= MOST:
        raise Refusal(
            "E-FMT-BATCH",
            f"the body must be a JSON list of 1 to {MOST} arrivals",
            status=422,
            rule="read_report",
            fix=f"split the report into lists of at most {MOST}",
        )
    if body.faults():
        return [read_piece(bytes(piece), carrier, index) for index, piece in enumerate(_split(raw))]
    return [read_item(item, carrier, index) for index, item in enumerate(body.plain)]


def read_piece(raw: bytes, carrier: str, index: int) -> ReportArrival | Unreadable:
    """One item of a report of which some could be read in two ways."""
    try:
        return read_item(read_plain(raw), carrier, index)
    except Refusal as refusal:
        placed = (replace(fault, pointer=f"/{index}{fault.pointer}") for fault in refusal.faults)
        return Unreadable(waybill_no="", faults=tuple(placed))


def read_item(item: Any, carrier: str, index: int) -> ReportArrival | Unreadable:
    """One item of a report."""
    try:
        arrival = ArrivalIn.model_validate(item)
    except ValidationError as error:
        named = item.get("waybill_no") if isinstance(item, dict) else None
        told = error.errors(include_url=False, include_input=False, include_context=False)
        return Unreadable(
            waybill_no=named[:60] if isinstance(named, str) else "",
            faults=tuple(fault_of(each, index) for each in told[:10]),
        )
    return ReportArrival(declaration_id=None, carrier=carrier, **arrival.model_dump())


def fault_of(told: Any, index: int) -> Fault:
    """A fault of validation at its place in the list."""
    return Fault(
        pointer="/".join(["", str(index), *(str(part)[:60] for part in told["loc"])]),
        code="E-FMT-SCHEMA",
        rule=str(told["type"]),
        detail=str(told["msg"])[:300],
        fix="correct this item and send it again; the others need no repeat",
    )
