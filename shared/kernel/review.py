"""Reviews: work that waits for an officer.

One review at most is open per declaration version in an agency. An officer claims it for a lease that
lapses; every claim raises the lease number, and a decision must carry the number it was claimed with
(fencing), so that two officers never decide the same item.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from shared.kernel.refusal import Refusal

LEASE = timedelta(minutes=15)
Verdict = Literal["pass", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One item of an officers' queue."""

    declaration_id: str
    version: int
    code: str
    """Reason code, e.g. DOCUMENT_REVIEW, INSPECTION, CUSTOMS_REVIEW."""
    reason: str
    parties: tuple[str, ...]
    opened_at: datetime
    due_at: datetime
    lease_no: int = 0
    officer: str = ""
    """Who holds the lease; empty when nobody does."""
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReview:
    """An officer's order: pass or refuse, with a reason."""

    declaration_id: str
    version: int
    lease_no: int
    verdict: Verdict
    reason: str
    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecided:
    """A decision that the lease allowed: the review as it was, and the officer's word."""

    review: Review
    order: DecideReview

    @property
    def declaration_id(self) -> str:
        """The declaration decided upon."""
        return self.review.declaration_id


def claim(review: Review, officer: str, now: datetime) -> Review:
    """The review with a fresh lease; refused while another officer's lease runs."""
    if review.officer not in ("", officer) and review.lease_until is not None and review.lease_until > now:
        raise Refusal(
            "E-REVIEW-CLAIMED",
            f"{review.officer} holds this review until {review.lease_until.isoformat()}",
            rule="claim",
            fix="take another item, or wait until the lease lapses",
        )
    return replace(review, officer=officer, lease_no=review.lease_no + 1, lease_until=now + LEASE)


def decide(review: Review | None, order: DecideReview, now: datetime) -> ReviewDecided:
    """The decision, if the lease number is the running one, its holder decides, and it has not lapsed."""
    if review is None or review.version != order.version:
        raise Refusal(
            "E-REVIEW-OVER",
            "this review is decided, or its version is superseded",
            rule="decide",
            fix="read the declaration again",
        )
    if wrong := _wrong_with_lease(review, order, now):
        raise Refusal(
            "E-REVIEW-LEASE",
            wrong,
            rule="decide",
            fix="claim the review and decide with the lease_no of your claim",
        )
    return ReviewDecided(review=review, order=order)


def _wrong_with_lease(review: Review, order: DecideReview, now: datetime) -> str:
    if review.lease_until is None:
        return "nobody has claimed this review"
    if review.lease_until <= now:
        return f"lease {review.lease_no} lapsed at {review.lease_until.isoformat()}"
    if review.officer != order.officer:
        return f"the running lease is {review.officer}'s, not yours"
    if review.lease_no != order.lease_no:
        return f"lease {order.lease_no} is not the running one: yours is {review.lease_no}"
    return ""
