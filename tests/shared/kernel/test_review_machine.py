"""The review as a state machine: whatever officers, leases and versions do, one decision, by who holds the lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.kernel.refusal import Refusal
from shared.kernel.review import LEASE, DecideReview, Review, claim, decide
from tests.support.builders import NOW, PARTIES
from tests.support.machines import STEADY

OFFICERS = st.sampled_from(["first", "second", "third"])


class Reviews(RuleBasedStateMachine):
    """One declaration's review, and beside it the plainest account of who may decide."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.version = 1
        self.review: Review | None = self.open()
        self.holder, self.until, self.claims = "", NOW, 0
        self.decided: list[tuple[int, str]] = []

    def open(self) -> Review:
        return Review(
            declaration_id="one",
            version=self.version,
            code="INSPECTION",
            reason="look",
            parties=PARTIES,
            opened_at=self.now,
            due_at=self.now,
        )

    @rule(minutes=st.sampled_from([1, 7, 14, 15, 16, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def a_new_version_replaces_it(self) -> None:
        self.version += 1
        self.review, self.holder, self.claims = self.open(), "", 0

    @precondition(lambda self: self.review is not None)
    @rule(officer=OFFICERS)
    def somebody_claims_it(self, officer: str) -> None:
        assert self.review
        is_free = self.holder in ("", officer) or self.now >= self.until
        try:
            self.review = claim(self.review, officer, self.now)
        except Refusal as refusal:
            assert not is_free, str(refusal)  # noqa: PT017 (a machine meets both)
            return
        assert is_free, f"{officer} took the lease of {self.holder}"
        self.holder, self.until, self.claims = officer, self.now + LEASE, self.claims + 1

    @precondition(lambda self: self.review is not None and self.holder)
    @rule(late=st.booleans())
    def its_holder_decides_it(self, late: bool) -> None:
        if late:
            self.now = max(self.now, self.until)
        self.somebody_decides_it(self.holder, 0, 0)

    @precondition(lambda self: self.claims)
    @rule(officer=OFFICERS, back=st.integers(0, 2), versions_back=st.sampled_from([0, 0, 0, 1]))
    def another_decides_it(self, officer: str, back: int, versions_back: int) -> None:
        self.somebody_decides_it(officer, back, versions_back)

    def somebody_decides_it(self, officer: str, back: int, versions_back: int) -> None:
        order = DecideReview(
            declaration_id="one",
            version=self.version - versions_back,
            lease_no=self.claims - back,
            verdict="pass",
            reason="looked",
            officer=officer,
        )
        is_running = self.review is not None and versions_back == 0
        may = is_running and back == 0 and officer == self.holder and self.now < self.until and self.claims
        try:
            made = decide(self.review, order, self.now)
        except Refusal as refusal:
            assert not may, str(refusal)  # noqa: PT017 (a machine meets both)
            return
        assert may, f"{officer} decided with lease {order.lease_no} of {self.claims} of {self.holder}"
        assert made.review == replace(made.review, version=self.version, officer=officer)
        self.decided.append((self.version, officer))
        self.review = None

    @invariant()
    def a_version_is_decided_once(self) -> None:
        versions = [version for version, _ in self.decided]
        assert len(versions) == len(set(versions))

    @invariant()
    def the_lease_is_of_its_holder(self) -> None:
        if self.review is not None:
            assert (self.review.officer, self.review.lease_no) == (self.holder, self.claims)


TestReviews = Reviews.TestCase
TestReviews.settings = STEADY
