"""Words for the tests of logistics: a desk of either kind, what is filed, and what to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.logistics.domain import ReportArrival
from services.logistics.handlers import on_declarations_submitted, on_reviews_decided
from services.logistics.store import SqlConsignments
from shared.contracts.clearance import DeclarationRefused
from shared.contracts.envelope import Event
from shared.kernel.gate import Gate
from shared.kernel.ids import DeclarationId
from shared.kernel.review import DecideReview, Review, ReviewDecided, Verdict
from shared.runtime.reviews import read_review
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_declaration_submitted
from tests.support.memory_logistics import MemoryConsignments

Desk = MemoryConsignments | SqlConsignments
ONE, TWO = a_declaration_id(1), a_declaration_id(2)
LATER = NOW + timedelta(days=1)
CARRIERS = ["CARRIER001", "CARRIER002", "CARRIER003", "CARRIER004"]

_TIMERS = sa.text("select due_at, command, subject_id::text, version from timers")


async def filed(desk: Desk, *changes: dict[str, Any]) -> list[tuple[str, str]]:
    """File declarations whose goods are still to come; what is said of them."""
    batch = [a_declaration_submitted(**{"arrival": "on_site", **each}) for each in changes]
    return told(await on_declarations_submitted(batch, desk, NOW))


def told(said: Sequence[Event]) -> list[tuple[str, str]]:
    """Status and code of the gates that are said."""
    return [(event.gate.status, event.gate.code) for event in said]  # type: ignore[attr-defined]


def an_order(holder: str | None = ONE, waybill_no: str = "WAYBILL-1", weight: str = "1.2") -> ReportArrival:
    """A parcel is on site."""
    return ReportArrival(
        declaration_id=holder,
        carrier="CARRIER001",
        waybill_no=waybill_no,
        arrived_at=NOW,
        site="PVG",
        packages=1,
        gross_weight=Decimal(weight),
    )


def refused(declaration_id: DeclarationId, version: int = 1) -> DeclarationRefused:
    """Clearance's refusal, for a reason of tax."""
    gate = Gate(agency="tax", status="REFUSED", code="E-LIMIT-YEAR")
    return DeclarationRefused(declaration_id=declaration_id, version=version, parties=PARTIES, gate=gate)


async def decided(desk: Desk, declaration_id: str, verdict: Verdict) -> list[tuple[str, str]]:
    """An officer's decision, as the runtime brings it: the review is closed before the room is asked."""
    review = await the_review(desk, declaration_id)
    order = DecideReview(
        declaration_id=declaration_id,
        version=review.version,
        lease_no=1,
        verdict=verdict,
        reason="seen",
        officer="o",
    )
    await desk.close_reviews([declaration_id])
    return told(await on_reviews_decided([ReviewDecided(review=review, order=order)], desk, LATER))


async def queued(desk: Desk, declaration_id: str) -> Review | None:
    """The open review of a declaration."""
    if isinstance(desk, MemoryConsignments):
        return desk.queue.get(declaration_id)
    return await read_review(desk.connection, declaration_id)


async def the_review(desk: Desk, declaration_id: str) -> Review:
    """The same, where there must be one."""
    review = await queued(desk, declaration_id)
    assert review is not None
    return review


async def holder(desk: Desk, waybill_no: str) -> str | None:
    """Who holds a number of CARRIER001; it must be known."""
    return (await desk.holders("CARRIER001", [waybill_no]))[waybill_no]


async def deadlines(desk: Desk) -> set[tuple[datetime, str, str, int]]:
    """When which command runs for what version."""
    if isinstance(desk, MemoryConsignments):
        return {
            (moment, type(command).__name__, command.declaration_id, command.version)
            for moment, command in desk.deadlines
        }
    return {(row[0], row[1], row[2], row[3]) for row in await desk.connection.execute(_TIMERS)}
