"""Holds and revocations: what an officer of clearance does."""

from __future__ import annotations

import pytest

from services.clearance.domain import PlaceHold, RevokePermit
from services.clearance.handlers import (
    on_holds_placed,
    on_permits_revoked,
    on_reviews_decided,
)
from shared.contracts.clearance import (
    ClearanceHeld,
    DeclarationRefused,
    HoldLifted,
    PermitIssued,
    PermitRevoked,
)
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, ReviewDecided, Verdict
from tests.services.clearance.words import (
    ID,
    a_cancellation,
    all_pass,
    an_amendment,
    counts,
    customs,
    logistics,
    outcomes,
    quarantine,
    tax,
    tell,
)
from tests.support.builders import NOW
from tests.support.memory_clearance import MemoryCaseBook

HOLD = PlaceHold(declaration_id=ID, officer="officer-5", reason="a tip was received")


def decide(book: MemoryCaseBook, verdict: Verdict) -> ReviewDecided:
    review = book.queue[ID]
    order = DecideReview(
        declaration_id=ID,
        version=review.version,
        lease_no=1,
        verdict=verdict,
        reason="looked into",
        officer="officer-5",
    )
    return ReviewDecided(review=review, order=order)


async def test_a_hold_keeps_the_permit_until_an_officer_lifts_it() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs()])

    said = await on_holds_placed([HOLD], book, NOW)
    waiting = await tell(book, [tax(), quarantine(), logistics()])
    tally = counts(await book.tally())
    freed = await on_reviews_decided([decide(book, "pass")], book, NOW)

    assert [type(event) for event in said] == [ClearanceHeld]
    assert waiting == []
    assert tally == {"filed": 1, "held.clearance": 1, "open": 1}
    assert [type(event) for event in freed] == [HoldLifted, PermitIssued]
    assert book.queue == {}


async def test_what_an_officer_has_refused_is_not_held_again() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs()])
    await on_holds_placed([HOLD], book, NOW)
    await tell(book, [an_amendment("r1")])
    await on_reviews_decided([decide(book, "refuse")], book, NOW)

    with pytest.raises(Refusal, match="refused"):
        await on_holds_placed([HOLD], book, NOW)


async def test_an_officer_refuses_what_is_held() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs()])
    await on_holds_placed([HOLD], book, NOW)

    said = await on_reviews_decided([decide(book, "refuse")], book, NOW)

    (refused,) = said
    assert isinstance(refused, DeclarationRefused)
    assert (refused.gate.agency, refused.gate.reason) == ("clearance", "looked into")


async def test_a_hold_outlasts_an_amendment_and_its_review_moves_along() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs()])
    await on_holds_placed([HOLD], book, NOW)

    said = await tell(book, [an_amendment(), *all_pass(version=2)])

    assert outcomes(said) == []
    assert book.queue[ID].version == 2


async def test_what_is_over_is_in_no_queue() -> None:
    book = MemoryCaseBook()
    await tell(book, [customs()])
    await on_holds_placed([HOLD], book, NOW)

    await tell(book, [a_cancellation()])

    assert book.queue == {}


async def test_a_permit_that_is_out_cannot_be_held() -> None:
    book = MemoryCaseBook()
    await tell(book, all_pass())

    with pytest.raises(Refusal) as refusal:
        await on_holds_placed([HOLD], book, NOW)

    assert refusal.value.code == "E-STATE"


async def test_a_permit_is_revoked_once() -> None:
    book = MemoryCaseBook()
    await tell(book, all_pass())
    order = RevokePermit(declaration_id=ID, officer="officer-5", reason="forged invoice")

    said = await on_permits_revoked([order], book, NOW)

    (revoked,) = said
    assert isinstance(revoked, PermitRevoked)
    assert revoked.permit_no == "SW20250001000000001"
    assert counts(await book.tally()) == {"filed": 1, "permit": 1, "revoked": 1}
    with pytest.raises(Refusal):
        await on_permits_revoked([order], book, NOW)
