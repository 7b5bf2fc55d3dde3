"""Shown: filings, requests and declarations as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.declaration.intake import Receipt
from services.declaration.requests import Kind, State
from shared.runtime.fields import Amount, Reason

Status = Literal["SUBMITTED", "PERMITTED", "REFUSED", "CANCELLED", "REVOKED"]
MASK = "*" * 14
"""For the characters of an identity number that are not kept."""
_ID = "019732f0-2a80-7000-8000-000000000001"


class ReceiptOut(BaseModel):
    """What a filing is answered with: received, which is not yet an outcome."""

    declaration_id: str = Field(examples=[_ID])
    version: int = Field(examples=[1])
    status: Literal["SUBMITTED"] = "SUBMITTED"
    lane: str = Field(description="Risk lane; yellow and red wait for a customs officer.", examples=["green"])
    received_at: datetime
    replayed: bool = Field(description="Whether this repeats the answer to an earlier, equal filing.")
    links: dict[str, str]

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptOut:
        """As shown."""
        return cls(
            declaration_id=receipt.declaration_id,
            version=receipt.version,
            lane=receipt.lane,
            received_at=receipt.received_at,
            replayed=receipt.replayed,
            links=links_of(receipt.declaration_id),
        )


def links_of(declaration_id: str) -> dict[str, str]:
    """Where to go from a declaration."""
    at = f"/v1/declarations/{declaration_id}"
    return {
        "self": at,
        "timeline": f"{at}/timeline",
        "events": f"{at}/events",
        "permit": f"{at}/permit",
        "amendments": f"{at}/amendments",
        "cancellation": f"{at}/cancellation",
        "returns": f"{at}/returns",
    }


class DeclarationOut(BaseModel):
    """A declaration's running version, as this service knows it."""

    declaration_id: str = Field(examples=[_ID])
    version: int
    status: Status
    filed_at: datetime = Field(description="When this version was filed")
    first_filed_at: datetime = Field(description="When its first version was: lists go by it")
    platform: str
    order_no: str
    seller: str
    declarant: str
    carrier: str
    waybill_no: str
    buyer_ending: str = Field(description="Last four characters of the buyer's number.", examples=["002X"])
    lane: str
    content_hash: str
    parties: list[str]
    permit_no: str = ""
    code: str = Field("", description="Why it was refused.")
    reason: str = ""


class GatesOut(DeclarationOut):
    """A declaration with what the agencies say of it."""

    clearance: dict[str, Any] | None = Field(
        description="Gates of the four agencies and clearance's own; null until clearance has heard of it, "
        "and while it is away."
    )
    away: list[str] = Field(description="Services that did not answer in time.")
    risk: str = Field("", description="Score and rules; for customs officers only.")
    submission: dict[str, Any] | None = Field(
        None, description="What was filed, each identity number masked but for its last four characters."
    )
    links: dict[str, str]


def masked(document: bytes, ending: str) -> dict[str, Any]:
    """A kept submission as it is shown: wherever the buyer's number stood, marks and the four characters that are
    kept of it. The token that is kept in its place stays inside."""
    token: str = msgspec.json.decode(document)["order"]["buyer"]["id_number"]
    shown: dict[str, Any] = msgspec.json.decode(document.replace(token.encode(), (MASK + ending).encode()))
    return shown


class PageOut(BaseModel):
    """A page of declarations, newest first."""

    items: list[DeclarationOut]
    next_cursor: str | None = Field(description="Give it as ?cursor= for the next page; null at the end")


class TimelineOut(BaseModel):
    """Everything that was said about a declaration, in order of recording."""

    declaration_id: str
    facts: list[dict[str, Any]]
    away: list[str] = Field(description="Services that did not answer in time; their facts are missing here.")


class CancellationIn(BaseModel):
    """A request to cancel."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"based_on_version": 1, "reason": "the buyer withdrew"}]},
    )
    based_on_version: int = Field(
        ge=1, le=2**31 - 2, strict=True, description="The version that is running as you know it."
    )
    reason: Reason


class AmendmentIn(BaseModel):
    """A request to amend."""

    model_config = ConfigDict(extra="forbid")
    based_on_version: int = Field(ge=1, le=2**31 - 2, strict=True)
    submission: dict[str, Any]


class ReturnedLineOut(BaseModel):
    """How much of a line goes back."""

    model_config = ConfigDict(from_attributes=True)
    line_no: int
    quantity: Decimal = Field(description="In the unit of the line.", examples=["1"])


class RequestOut(BaseModel):
    """A request to amend, cancel or return, and clearance's answer."""

    request_id: str
    declaration_id: str
    kind: Kind
    based_on_version: int
    state: State = Field(
        description="PENDING until clearance has answered. An ADMITTED return waits for its goods: COMPLETED when "
        "they are back in time, else LAPSED."
    )
    requested_at: datetime
    answered_at: datetime | None = Field(None, description="When clearance spoke last.")
    code: str = Field("", description="Why it was refused.")
    detail: str = ""
    pointer: str = Field("", description="The field at fault, as JSON Pointer into the request.")
    rule: str = ""
    fix: str = ""
    source: str = Field("", description="Legal or technical source of the refusal.")
    reason: str = ""
    lines: list[ReturnedLineOut] = Field([], description="Of a return.")
    back_by: datetime | None = Field(
        None, description="Of an admitted return: the first moment at which its goods are too late."
    )
    links: dict[str, str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """As shown."""
        at = f"/v1/declarations/{row['declaration_id']}"
        return cls(**row, links={"self": f"{at}/requests/{row['request_id']}", "declaration": at})


class ReturnLineIn(BaseModel):
    """How much of a line is to go back."""

    model_config = ConfigDict(extra="forbid")
    line_no: int = Field(ge=1, le=99, strict=True, description="As declared.")
    quantity: Amount = Field(max_digits=19, description="In the unit of the line; above 0.", examples=["1"])


class ReturnIn(BaseModel):
    """A request to return released goods, in whole or in part."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"lines": [{"line_no": 1, "quantity": "1"}], "reason": "the buyer sends it back unused"}
            ]
        },
    )
    lines: list[ReturnLineIn] = Field(min_length=1, max_length=99)
    reason: Reason


class ReturnOut(RequestOut):
    """A return, how it stands, and what was given back for it."""

    refund: dict[str, Any] | None = Field(
        description="Tax and quota given back, once the return is completed; null until then, and while tax is away."
    )


class ReturnsOut(BaseModel):
    """The returns of a declaration, oldest first."""

    declaration_id: str = Field(examples=[_ID])
    items: list[ReturnOut]
    away: list[str] = Field(description="Services that did not answer in time.")
