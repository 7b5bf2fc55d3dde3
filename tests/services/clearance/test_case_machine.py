"""The declaration as a state machine: whatever is heard, asked and ordered, in whatever order: one outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.clearance.domain import Case, PlaceHold, RevokePermit
from services.clearance.handlers import (
    SUBSCRIPTIONS,
    on_holds_placed,
    on_permits_revoked,
    on_reviews_decided,
)
from services.clearance.tally import tally_change
from shared.contracts.clearance import (
    AmendmentAdmitted,
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
    PermitRevoked,
    RequestRefused,
)
from shared.contracts.envelope import Event
from shared.kernel.gate import SPEAKING, GateStatus
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, ReviewDecided, Verdict
from tests.services.clearance import words
from tests.services.clearance.words import ID
from tests.support.builders import NOW
from tests.support.machines import STEADY, done
from tests.support.memory_clearance import MemoryCaseBook

SAYINGS: dict[str, Callable[..., Event]] = {
    "tax": words.tax,
    "quarantine": words.quarantine,
    "logistics": words.logistics,
    "customs": words.customs_decided,
}
STATUSES = st.sampled_from(["PASSED", "PASSED", "PASSED", "NOT_REQUIRED", "HELD", "REFUSED"])
OUTCOMES = (PermitIssued, DeclarationRefused, DeclarationCancelled)


class Cases(RuleBasedStateMachine):
    """One case, and beside it what each agency has said last of each version, and how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.book = MemoryCaseBook()
        self.running, self.filed = 1, 0
        self.said: dict[tuple[int, str], GateStatus] = {}
        self.is_held = self.is_stopped = False
        self.ends: list[Event] = []
        self.revoked = self.asked = self.answered = 0
        self.last: Case | None = None

    # --- what is heard ---

    @rule()
    def the_next_version_is_filed(self) -> None:
        if self.filed < self.running:
            self.filed += 1
            held: GateStatus = "HELD"
            self.heard("customs", self.filed, held)
            self.tell(words.customs(held, version=self.filed))

    @rule(agency=st.sampled_from(SPEAKING), status=STATUSES, ahead=st.sampled_from([0, 0, 0, 1, -1]))
    def an_agency_speaks(self, agency: str, status: GateStatus, ahead: int) -> None:
        version = max(1, self.running + ahead)
        self.heard(agency, version, status)
        self.tell(SAYINGS[agency](status, version=version))

    @rule(last=st.sampled_from(SPEAKING), status=STATUSES)
    def all_but_one_pass_and_it_speaks_last(self, last: str, status: GateStatus) -> None:
        self.the_next_version_is_filed()
        for agency in SPEAKING:
            if agency != last:
                self.an_agency_speaks(agency, "PASSED", 0)
        self.an_agency_speaks(last, status, 0)

    def heard(self, agency: str, version: int, status: GateStatus) -> None:
        if not self.ends and version >= self.running:
            self.said[version, agency] = status

    # --- what is asked and ordered ---

    @rule(back=st.sampled_from([0, 0, 1]))
    def an_amendment_is_asked_for(self, back: int) -> None:
        self.ask(words.an_amendment(f"r{self.asked}", version=max(1, self.running - back)))

    @rule(back=st.sampled_from([0, 1]))
    def a_cancellation_is_asked_for(self, back: int) -> None:
        self.ask(words.a_cancellation(f"r{self.asked}", version=max(1, self.running - back)))

    def ask(self, request: Any) -> None:
        self.asked += 1
        may = not self.ends and request.version == self.running
        made = self.tell(request)
        assert isinstance(made[0], RequestRefused) != may
        assert made[0].request_id == request.request_id  # type: ignore[attr-defined]

    @rule()
    def an_officer_holds_it(self) -> None:
        self.order(
            on_holds_placed, PlaceHold(declaration_id=ID, officer="o", reason="a tip"), not self.is_held
        )
        self.is_held = not self.ends

    @rule(verdict=st.sampled_from(["pass", "pass", "refuse"]))
    def the_officer_decides_his_hold(self, verdict: Verdict) -> None:
        review = self.book.queue.get(ID)
        assert (review is not None) == (self.is_held and not self.ends)
        if review is None:
            return
        order = DecideReview(
            declaration_id=ID, version=self.running, lease_no=1, verdict=verdict, reason="why", officer="o"
        )
        self.is_held, self.is_stopped = False, verdict == "refuse"
        self.take(done(on_reviews_decided([ReviewDecided(review=review, order=order)], self.book, NOW)))

    @rule()
    def an_officer_revokes_the_permit(self) -> None:
        is_permitted = any(isinstance(end, PermitIssued) for end in self.ends)
        try:
            made = done(
                on_permits_revoked(
                    [RevokePermit(declaration_id=ID, officer="o", reason="why")], self.book, NOW
                )
            )
        except Refusal:
            assert not is_permitted or self.revoked
            return
        assert is_permitted
        assert isinstance(made[0], PermitRevoked)
        self.revoked += 1

    def order(self, handler: Any, order: Any, may: bool) -> None:
        try:
            self.take(done(handler([order], self.book, NOW)))
        except Refusal:
            assert self.ends or not may
        else:
            assert may
            assert not self.ends

    def tell(self, event: Event) -> list[Event]:
        return self.take(done(SUBSCRIPTIONS[type(event)]([event], self.book, NOW)))

    def take(self, made: list[Event]) -> list[Event]:
        for event in made:
            self.answered += isinstance(event, AmendmentAdmitted | DeclarationCancelled | RequestRefused)
            if isinstance(event, AmendmentAdmitted):
                assert event.version == self.running + 1
                self.running += 1
            if isinstance(event, OUTCOMES):
                assert event.version == self.running
                self.ends.append(event)
        return made

    # --- what must hold ---

    @property
    def case(self) -> Case:
        return self.book.cases.get(ID) or Case(declaration_id=ID)

    @invariant()
    def there_is_one_outcome_at_most(self) -> None:
        assert len(self.ends) <= 1
        assert (self.case.status == "OPEN") == (not self.ends)
        assert self.revoked <= 1

    @invariant()
    def a_permit_had_all_gates_of_its_version_and_no_hold(self) -> None:
        if self.ends and isinstance(self.ends[0], PermitIssued):
            gates = [self.said.get((self.running, agency)) for agency in SPEAKING]
            assert set(gates) <= {"PASSED", "NOT_REQUIRED"}
            assert self.filed == self.running
            assert not self.is_held
            assert not self.is_stopped

    @invariant()
    def what_is_open_is_open_for_a_reason(self) -> None:
        gates = [self.said.get((self.running, agency)) for agency in SPEAKING]
        if not self.ends and self.filed == self.running:
            assert None in gates or "HELD" in gates or self.is_held
            assert "REFUSED" not in gates
            assert not self.is_stopped

    @invariant()
    def what_has_ended_hears_nothing_more(self) -> None:
        if self.ends:
            self.last = self.last or self.case
            assert self.case.standings == self.last.standings

    @invariant()
    def each_request_has_one_answer(self) -> None:
        assert self.answered == self.asked

    @invariant()
    def the_tally_counts_it_once(self) -> None:
        counted = {name: count for name, count in self.book.counts.items() if count}
        assert counted == tally_change([(Case(declaration_id=ID), self.case)])


TestCases = Cases.TestCase
TestCases.settings = STEADY
