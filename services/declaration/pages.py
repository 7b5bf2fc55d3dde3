"""Pages: declarations read, one or many.

A declaration's page is composed: its own data from here, its gates from clearance, its timeline from all who
speak of it. Who is away is named, and the rest is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.declaration.doorman import refused_at_the_door
from services.declaration.reading import Asked, SqlReading, cursor_of
from services.declaration.shown import (
    DeclarationOut,
    GatesOut,
    PageOut,
    RequestOut,
    Status,
    TimelineOut,
    links_of,
    masked,
)
from shared.kernel.ids import is_uuid
from shared.runtime.access import Caller, allowed
from shared.runtime.desk import known_id
from shared.runtime.doors import not_found, reader
from shared.runtime.fields import Count, DayOrMoment, Text, wrong
from shared.runtime.neighbour import ask
from shared.runtime.route import Door

router = Door(prefix="/v1/declarations", tags=["declarations"])
inside = Door()
SPEAKERS = ("declaration", "tax", "quarantine", "logistics", "clearance")
Reader = Annotated[Caller, Depends(allowed("declarations:read"))]
Reading = Annotated[SqlReading, Depends(reader(SqlReading))]
Id = Annotated[str, Path(examples=["019732f0-2a80-7000-8000-000000000001"])]


class Filters(BaseModel):
    """What a list is narrowed to; nothing given means everything you may see."""

    model_config = ConfigDict(extra="forbid")
    status: Status | None = Field(None, description="Only those that stand so")
    platform: Text | None = Field(None, max_length=18)
    order_no: Text | None = Field(None, max_length=60)
    filed_from: DayOrMoment | None = Field(
        None,
        description="First filed from then on; a day begins at 00:00 UTC",
        examples=["2025-06-01T00:00:00Z"],
    )
    filed_to: DayOrMoment | None = Field(None, description="First filed before then", examples=["2025-07-01"])
    cursor: str | None = Field(None, max_length=100, description="`next_cursor` of the page before")
    limit: Count = Field(50, ge=1, le=100)

    @model_validator(mode="after")
    def runs_forward(self) -> Self:
        """A period that ends before it begins would list nothing, and not say why."""
        if self.filed_from and self.filed_to and self.filed_to < self.filed_from:
            raise wrong(
                "period_runs_forward", "filed_to lies before filed_from", "name the earlier one first"
            )
        return self


@router.get("", summary="Declarations, newest first")
async def list_declarations(
    reading: Reading, caller: Reader, filters: Annotated[Filters, Query()]
) -> PageOut:
    """Those that name your party; officers see every one."""
    limit = filters.limit
    party = None if caller.reads_all else caller.party
    rows = await reading.page(Asked(party=party, **{**filters.model_dump(), "limit": limit + 1}))
    following = cursor_of(rows[limit - 1]["declaration_id"]) if len(rows) > limit else None
    return PageOut(items=[DeclarationOut(**row) for row in rows[:limit]], next_cursor=following)


@router.get("/{declaration_id}", summary="A declaration with its gates")
async def declaration(declaration_id: Id, request: Request, reading: Reading, caller: Reader) -> GatesOut:
    """What was filed and became of it; each agency's gate with status, since when, why, and who must act."""
    row = await one(declaration_id, reading, caller)
    await reading.let_go()
    gates, is_away = await ask(request, "clearance", f"/v1/clearance/{declaration_id}")
    is_customs = caller.is_officer_of("customs")
    return GatesOut(
        **{name: value for name, value in row.items() if name not in ("risk", "document")},
        clearance=gates,
        away=["clearance"] if is_away else [],
        risk=row["risk"] if is_customs else "",
        submission=masked(row["document"], row["buyer_ending"]),
        links=links_of(declaration_id),
    )


@router.get("/{declaration_id}/timeline", summary="Everything that was said about a declaration")
async def timeline(declaration_id: Id, request: Request, reading: Reading, caller: Reader) -> TimelineOut:
    """The facts of every service, in order of recording. Services that are away are named."""
    await one(declaration_id, reading, caller)
    await reading.let_go()
    path = f"/internal/facts/{declaration_id}"
    told = await asyncio.gather(*(ask(request, service, path) for service in SPEAKERS))
    facts = [without_buyer(fact) for found, _ in told for fact in found or ()]
    return TimelineOut(
        declaration_id=declaration_id,
        facts=sorted(facts, key=lambda fact: (datetime.fromisoformat(fact["recorded_at"]), fact["seq"])),
        away=[service for service, (_, is_away) in zip(SPEAKERS, told, strict=True) if is_away],
    )


def without_buyer(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact as parties read it: the buyer's token is the same in all declarations, and no party's to have."""
    return {**fact, "event": {name: value for name, value in fact["event"].items() if name != "buyer"}}


@inside.get("/internal/door", include_in_schema=False)
async def door(reading: Reading) -> dict[str, int]:
    """How many filings were refused at the door, for the live page; the gateway does not route it."""
    return {"refused": await refused_at_the_door(reading.connection)}


@router.get("/{declaration_id}/requests/{request_id}", summary="A request to amend, cancel or return")
async def request_state(declaration_id: Id, request_id: str, reading: Reading, caller: Reader) -> RequestOut:
    """PENDING until clearance has answered."""
    await one(declaration_id, reading, caller)
    row = await reading.request(declaration_id, request_id) if is_uuid(request_id) else None
    if row is None:
        raise not_found("request")
    return RequestOut.of(row)


async def one(declaration_id: str, reading: SqlReading, caller: Caller) -> Mapping[str, Any]:
    row = await reading.one(known_id(declaration_id))
    if row is None or not caller.may_read(row["parties"]):
        raise not_found("declaration")
    return row
