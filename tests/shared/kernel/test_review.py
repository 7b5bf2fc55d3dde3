"""Leases: a decision is told exactly what is wrong with its claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review, claim, decide
from tests.support.builders import NOW, PARTIES, a_declaration_id

REVIEW = Review(
    declaration_id=a_declaration_id(),
    version=1,
    code="INSPECTION",
    reason="a look",
    parties=PARTIES,
    opened_at=NOW,
    due_at=NOW + timedelta(days=5),
)
CLAIMED = claim(REVIEW, "officer-1", NOW)
ORDER = DecideReview(
    declaration_id=a_declaration_id(),
    version=1,
    lease_no=1,
    verdict="pass",
    reason="in order",
    officer="officer-1",
)


def test_who_holds_the_running_lease_decides() -> None:
    assert decide(CLAIMED, ORDER, NOW).order == ORDER


@pytest.mark.parametrize(
    ("review", "order", "after", "words"),
    [
        (REVIEW, ORDER, 0, "nobody has claimed"),
        (CLAIMED, replace(ORDER, officer="officer-2"), 0, "officer-1's, not yours"),
        (CLAIMED, replace(ORDER, lease_no=7), 0, "lease 7 is not the running one: yours is 1"),
        (CLAIMED, ORDER, 60, "lapsed"),
    ],
)
def test_the_wrong_lease_is_named(review: Review, order: DecideReview, after: int, words: str) -> None:
    with pytest.raises(Refusal, match=words) as caught:
        decide(review, order, NOW + timedelta(minutes=after))

    assert caught.value.code == "E-REVIEW-LEASE"
