"""Quarantine handlers, on the desk in memory."""

from __future__ import annotations

from datetime import timedelta

from services.quarantine.handlers import on_declarations_ended, on_declarations_submitted, on_reviews_decided
from shared.contracts.clearance import DeclarationCancelled, DeclarationRefused
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.quarantine import QuarantineDecided, QuarantineTriaged
from shared.kernel.gate import Gate
from shared.kernel.review import DecideReview, ReviewDecided
from tests.support.builders import (
    NOW,
    PARTIES,
    a_declaration_id,
    a_declaration_submitted,
    a_goods_line,
)
from tests.support.memory_quarantine import MemoryQuarantine


def dairy(number: int = 1, version: int = 1) -> DeclarationSubmitted:
    return a_declaration_submitted(
        declaration_id=a_declaration_id(number),
        version=version,
        lines=(a_goods_line(goods_code="0406900000"),),
    )


async def test_every_version_gets_a_word() -> None:
    desk = MemoryQuarantine()
    mugs = a_declaration_submitted(declaration_id=a_declaration_id(2))

    said = await on_declarations_submitted([dairy(), mugs], desk, NOW)

    assert [event.gate.status for event in said if isinstance(event, QuarantineTriaged)] == [
        "HELD",
        "NOT_REQUIRED",
    ]
    assert [event.declaration_id for event in said] == [a_declaration_id(1), a_declaration_id(2)]
    assert said[0].parties == PARTIES


async def test_what_is_held_waits_in_the_queue_with_reason_and_due_time() -> None:
    desk = MemoryQuarantine()

    await on_declarations_submitted([dairy()], desk, NOW)

    review = desk.queue[a_declaration_id(1)]
    assert (review.code, review.version, review.due_at) == ("DOCUMENT_REVIEW", 1, NOW + timedelta(days=5))
    assert "dairy_needs_factory_and_health" in review.reason


async def test_a_newer_version_takes_the_place_of_the_older_review() -> None:
    desk = MemoryQuarantine()
    await on_declarations_submitted([dairy(1), dairy(2)], desk, NOW)

    await on_declarations_submitted([a_declaration_submitted(version=2), dairy(2, version=2)], desk, NOW)

    assert {key: review.version for key, review in desk.queue.items()} == {a_declaration_id(2): 2}


async def test_nothing_that_is_over_waits_for_an_officer() -> None:
    desk = MemoryQuarantine()
    await on_declarations_submitted([dairy(1), dairy(2)], desk, NOW)
    gate = Gate(agency="tax", status="REFUSED", code="E-LIMIT-YEAR")
    refused = DeclarationRefused(declaration_id=a_declaration_id(1), version=1, parties=PARTIES, gate=gate)
    cancelled = DeclarationCancelled(
        declaration_id=a_declaration_id(2),
        version=1,
        parties=PARTIES,
        request_id="r",
        reason="no more wanted",
    )

    assert await on_declarations_ended([refused], desk, NOW) == []
    assert await on_declarations_ended([cancelled], desk, NOW) == []

    assert desk.queue == {}


async def test_an_officers_decision_becomes_the_gate() -> None:
    desk = MemoryQuarantine()
    await on_declarations_submitted([dairy()], desk, NOW)
    order = DecideReview(
        declaration_id=a_declaration_id(1),
        version=1,
        lease_no=1,
        verdict="pass",
        reason="papers seen",
        officer="o-7",
    )

    said = await on_reviews_decided(
        [ReviewDecided(review=desk.queue[a_declaration_id(1)], order=order)], desk, NOW
    )

    assert said == [
        QuarantineDecided(
            declaration_id=a_declaration_id(1),
            version=1,
            parties=PARTIES,
            gate=Gate(agency="quarantine", status="PASSED", code="OFFICER_PASSED", reason="papers seen"),
            officer="o-7",
        )
    ]
