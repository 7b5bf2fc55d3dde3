"""The officers' desk: /v1/reviews/{agency}, the same in every service that has a queue."""

from __future__ import annotations

import base64
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.ids import is_uuid
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review, Verdict
from shared.runtime.access import Caller, allowed
from shared.runtime.database import reading
from shared.runtime.doors import Doing, not_found
from shared.runtime.fields import COUNTED, Reason
from shared.runtime.reviews import claim_review, deciding, list_reviews
from shared.runtime.route import Door
from shared.runtime.unit_of_work import Handler


class ReviewOut(BaseModel):
    """One item of the queue."""

    declaration_id: str
    version: int
    code: str = Field(description="Reason code", examples=["INSPECTION"])
    reason: str
    parties: list[str]
    opened_at: datetime
    due_at: datetime
    lease_no: int = Field(description="Send it back with the decision: it fences off an older claim")
    officer: str = Field(description="Client id of the officer who holds it; empty when free")
    lease_until: datetime | None


class QueueOut(BaseModel):
    """A page of the queue, most urgent first."""

    items: list[ReviewOut]
    next_cursor: str | None = Field(description="Give it as ?cursor= for the next page; null at the end")


class DecisionIn(BaseModel):
    """An officer's decision."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"version": 1, "lease_no": 1, "verdict": "pass", "reason": "papers in order"}]
        },
    )
    version: int = Field(ge=1, le=2**31 - 1, strict=True)
    lease_no: int = Field(ge=1, le=2**31 - 1, strict=True)
    verdict: Verdict
    reason: Reason


def desk(agency: str, on_reviews_decided: Handler) -> Door:
    """The queue's routes of one agency."""
    officer = Depends(allowed(f"reviews:{agency}"))
    router = Door(prefix=f"/v1/reviews/{agency}", tags=[f"{agency} officers"], dependencies=[officer])
    decide = deciding(on_reviews_decided)

    @router.get("", summary=f"The {agency} officers' queue, most urgent first")
    async def queue(
        request: Request,
        code: Annotated[
            str | None,
            Query(max_length=60, pattern=r"^[A-Z0-9_-]+$", description="Only items of this reason code"),
        ] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Field(ge=1, le=100), COUNTED] = 50,
    ) -> QueueOut:
        after = _read_cursor(cursor) if cursor is not None else None
        async with reading(request.app.state.runtime.engine) as connection:
            found = await list_reviews(connection, after=after, limit=limit + 1, code=code)
        page = found[:limit]
        following = _cursor(page[-1]) if len(found) > limit else None
        return QueueOut(items=[_out(review) for review in page], next_cursor=following)

    @router.post("/{declaration_id}/claim", summary="Claim an item for a lease of 15 minutes")
    async def claim(request: Request, declaration_id: str, caller: Caller = officer) -> ReviewOut:
        async with request.app.state.runtime.engine.begin() as connection:
            return _out(await claim_review(connection, known_id(declaration_id), caller.client_id))

    @router.post("/{declaration_id}/decision", summary="Decide a claimed item, with a reason")
    async def decision(
        declaration_id: str, wanted: DecisionIn, orders: Doing, caller: Caller = officer
    ) -> dict[str, Any]:
        order = DecideReview(
            declaration_id=known_id(declaration_id), officer=caller.client_id, **wanted.model_dump()
        )
        await orders.run(decide, order)
        return {"declaration_id": declaration_id, "version": wanted.version, "verdict": wanted.verdict}

    return router


def known_id(text: str) -> str:
    """A declaration id from a path; anything else is 404."""
    if not is_uuid(text):
        raise not_found("declaration")
    return text


def _out(review: Review) -> ReviewOut:
    return ReviewOut(**asdict(review))


def _cursor(review: Review) -> str:
    place = f"{review.due_at.isoformat()} {review.declaration_id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        moment, _, declaration_id = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(moment).astimezone(UTC), known_id(declaration_id)
    except (ValueError, OverflowError, Refusal) as error:
        raise Refusal(
            "E-CURSOR", "this cursor is not ours", status=400, fix="start without a cursor"
        ) from error
