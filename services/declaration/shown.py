"""Shown: filings, requests and declarations as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.declaration.intake import Receipt
from shared.runtime.fields import Reason

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
    }


class DeclarationOut(BaseModel):
    """A declaration's running version, as this service knows it."""

    declaration_id: str = Field(examples=[_ID])
    version: int
    status: Status
    filed_at: datetime
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


class RequestOut(BaseModel):
    """A request to amend or cancel, and clearance's answer."""

    request_id: str
    declaration_id: str
    kind: Literal["amendment", "cancellation"]
    based_on_version: int
    state: Literal["PENDING", "ADMITTED", "REFUSED"]
    requested_at: datetime
    answered_at: datetime | None = None
    code: str = Field("", description="Why it was refused.")
    detail: str = ""
    reason: str = ""
    links: dict[str, str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RequestOut:
        """As shown."""
        at = f"/v1/declarations/{row['declaration_id']}"
        return cls(**row, links={"self": f"{at}/requests/{row['request_id']}", "declaration": at})
