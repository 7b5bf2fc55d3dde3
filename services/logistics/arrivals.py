"""Reports: a hostile list in, orders out.

Arrivals of parcels, and goods that are back.

One bad item spoils no other: each is an order, or its own faults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.logistics.domain import ReportArrival
from services.logistics.returns import ReportReturn
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.body import read_body, read_plain
from shared.runtime.fields import Amount, Code, Moment, Name
from shared.runtime.patterns import UUID
from shared.runtime.words import SOURCE, faults_of

MOST = 1000
"""Items in one report."""
TOLD = 10
"""Faults of an item that are told."""
Order = TypeVar("Order")


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


class ReturnedIn(BaseModel):
    """The goods of one return, back on site."""

    model_config = ConfigDict(extra="forbid")

    waybill_no: Code = Field(
        max_length=60, description="That the goods came with", examples=["GG000000012GB"]
    )
    request_id: str = Field(
        pattern=UUID,
        description="`request_id` of the return, as it was admitted",
        examples=["019732f0-2a80-7000-8000-000000000002"],
    )
    arrived_at: Moment = Field(
        description="RFC 3339 with offset; not in the future, not before the release, before `back_by`",
        examples=["2025-06-20T04:30:00+08:00"],
    )
    site: Name = Field(
        min_length=1,
        max_length=60,
        description="Where it lies: the site it arrived on, where that was reported",
        examples=["PVG-T2"],
    )
    packages: int = Field(strict=True, ge=1, le=99_999)
    gross_weight: Amount = Field(gt=0, max_digits=14, decimal_places=5, description="kg", examples=["0.60"])


_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An item that is no arrival, and why."""

    waybill_no: str
    faults: tuple[Fault, ...]


def read_report(raw: bytes, carrier: str) -> list[ReportArrival | Unreadable]:
    """The arrivals of a report, in order."""

    def read(item: Any) -> ReportArrival:
        arrival = ArrivalIn.model_validate(item)
        return ReportArrival(declaration_id=None, carrier=carrier, **arrival.model_dump())

    return read_items(raw, read)


def read_returns(raw: bytes, carrier: str) -> list[ReportReturn | Unreadable]:
    """The goods reported back, in order."""

    def read(item: Any) -> ReportReturn:
        back = ReturnedIn.model_validate(item)
        return ReportReturn(declaration_id=None, carrier=carrier, **back.model_dump())

    return read_items(raw, read)


def read_items(raw: bytes, read: Callable[[Any], Order]) -> list[Order | Unreadable]:
    """The items of a report, in order; raises a Refusal (400, 422) when there is no list to speak of."""
    body = read_body(raw)
    if not isinstance(body.plain, list) or not body.plain:
        raise _no_report("is no JSON array of items", "send at least one item, in a JSON array")
    if len(body.plain) > MOST:
        raise _no_report(f"has {len(body.plain)} items", f"send at most {MOST} at a time")
    if body.faults():
        return [read_piece(bytes(piece), read, index) for index, piece in enumerate(_split(body.raw))]
    return [read_item(item, read, index) for index, item in enumerate(body.plain)]


def _no_report(what: str, fix: str) -> Refusal:
    return Refusal("E-FMT-BATCH", f"the report {what}", status=422, rule="read_items", fix=fix, source=SOURCE)


def read_piece(raw: bytes, read: Callable[[Any], Order], index: int) -> Order | Unreadable:
    """One item of a report of which some could be read in two ways."""
    try:
        return read_item(read_plain(raw), read, index)
    except Refusal as refusal:
        return Unreadable(waybill_no="", faults=_placed(refusal.faults, index))


def read_item(item: Any, read: Callable[[Any], Order], index: int) -> Order | Unreadable:
    """One item of a report."""
    try:
        return read(item)
    except ValidationError as error:
        named = item.get("waybill_no") if isinstance(item, dict) else None
        told = error.errors(include_url=False, include_input=False)
        return Unreadable(
            waybill_no=named[:60] if isinstance(named, str) else "",
            faults=_placed(faults_of(told[:TOLD]), index),
        )


def _placed(faults: Sequence[Fault], index: int) -> tuple[Fault, ...]:
    """Faults of an item, at their places in the report."""
    return tuple(replace(fault, pointer=f"/{index}{fault.pointer}") for fault in faults)
