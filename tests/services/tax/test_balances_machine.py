"""Quota and guarantee as a state machine: whatever comes, nothing is held twice, lost, or beyond its limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.tax.balances import Holding
from services.tax.guarantee import GuaranteeFreed, PaymentLapsed
from services.tax.handlers import DEADLINES, SUBSCRIPTIONS, on_deposits_made, on_reviews_decided
from shared.kernel.ids import BuyerToken
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, ReviewDecided, Verdict
from tests.services.tax.cases import (
    GUARANTOR,
    a_cancellation,
    a_deposit,
    a_filing,
    a_line,
    a_permit,
    a_refusal,
    an_id,
)
from tests.support.builders import NOW
from tests.support.machines import STEADY, done
from tests.support.memory_tax import MemoryTaxLedger

NUMBERS = st.integers(min_value=1, max_value=5)
PRICES = st.sampled_from(["50.00", "1000.00", "4900.00"])
LIMIT = Decimal(26_000)
SUGAR = Decimal(2)
"""Kilograms a person and year."""


class Balances(RuleBasedStateMachine):
    """A few declarations of two buyers under one guarantor; and, beside them, what was paid in."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = MemoryTaxLedger()
        self.paid, self.deposits = Decimal(0), 0

    @initialize(amount=st.sampled_from(["0.01", "100.00", "900.00"]))
    def the_guarantor_begins_with(self, amount: str) -> None:
        self.money_comes(amount)

    @rule(amount=st.sampled_from(["5.00", "90.00", "400.00"]))
    def money_comes(self, amount: str) -> None:
        self.deposits += 1
        self.paid += Decimal(amount)
        done(on_deposits_made([a_deposit(amount, f"BANK-{self.deposits}")], self.ledger, NOW))

    @rule()
    def the_last_deposit_is_told_again(self) -> None:
        known = list(self.ledger.deposits.values())
        if known:
            again = a_deposit(str(known[-1].amount), known[-1].reference)
            done(on_deposits_made([again], self.ledger, NOW))

    @rule(number=NUMBERS, price=PRICES, kilograms=st.sampled_from(["0", "0.4", "1.1"]))
    def a_version_is_filed(self, number: int, price: str, kilograms: str) -> None:
        before = self.latest(number)
        if before is None or before.status != "COMMITTED":
            version = before.version + 1 if before else 1
            buyer = BuyerToken(f"{number % 2:064x}")
            sugar = {"first_quantity": Decimal(kilograms), "first_unit": "kg"}
            line = a_line(price, "1701990000", **sugar) if Decimal(kilograms) else a_line(price)
            self.hear(a_filing(line, number=number, version=version, buyer=buyer))

    @rule(number=NUMBERS)
    def its_permit_is_issued(self, number: int) -> None:
        holding = self.latest(number)
        if holding and holding.status == "SECURED":
            self.hear(a_permit(number, holding.version))

    @rule(number=NUMBERS, kind=st.sampled_from([a_refusal, a_cancellation]))
    def it_ends_without(self, number: int, kind: Any) -> None:
        holding = self.latest(number)
        if holding and holding.status != "COMMITTED":
            self.hear(kind(number, holding.version))

    @rule(number=NUMBERS, back=st.integers(0, 1), kind=st.sampled_from([PaymentLapsed, GuaranteeFreed]))
    def a_deadline_runs_late_or_twice(self, number: int, back: int, kind: Any) -> None:
        if holding := self.latest(number):
            self.run(kind(declaration_id=an_id(number), version=holding.version - back))

    @rule(number=NUMBERS, verdict=st.sampled_from(["pass", "refuse"]))
    def an_officer_decides(self, number: int, verdict: Verdict) -> None:
        review, holding = self.ledger.reviews.get(an_id(number)), self.latest(number)
        if review is None:
            return
        order = DecideReview(
            declaration_id=an_id(number),
            version=review.version,
            lease_no=1,
            verdict=verdict,
            reason="why",
            officer="o",
        )
        try:
            done(on_reviews_decided([ReviewDecided(review=review, order=order)], self.ledger, NOW))
        except Refusal:
            assert not holding or holding.status != "WAITING"

    @rule()
    def what_is_due_at_once_runs(self) -> None:
        """As the timers do: who may be secured now is looked at, until nobody is left."""
        while due := [order for order, at in self.ledger.deadlines.items() if at == NOW]:
            del self.ledger.deadlines[due[0]]
            self.run(due[0])

    # --- how it is told ---

    def hear(self, event: Any) -> None:
        done(SUBSCRIPTIONS[type(event)]([event], self.ledger, NOW))

    def run(self, order: Any) -> None:
        done(DEADLINES[type(order)]([order], self.ledger, NOW))

    def latest(self, number: int) -> Holding | None:
        kept = done(self.ledger.versions_of(an_id(number)))
        return kept[-1].holding if kept else None

    @property
    def holdings(self) -> list[Holding]:
        return [kept.holding for kept in self.ledger.kept.values()]

    # --- what must hold ---

    @invariant()
    def the_account_is_what_was_paid_and_what_is_held(self) -> None:
        if GUARANTOR in self.ledger.accounts:
            account = self.ledger.accounts[GUARANTOR]
            committed = [each for each in self.holdings if each.status == "COMMITTED"]
            assert account.balance == self.paid
            assert account.reserved == sum(each.guarantee_held for each in self.holdings if each.is_open)
            assert account.due == sum(each.guarantee_held for each in committed)
            assert account.free >= 0

    @invariant()
    def each_quota_is_what_its_buyer_holds_and_within_the_limit(self) -> None:
        for key, quota in self.ledger.quotas.items():
            mine = [each for each in self.holdings if each.quota_key == key]
            assert quota.reserved == sum(each.quota_held for each in mine if each.is_open)
            assert quota.used == sum(each.quota_held for each in mine if each.status == "COMMITTED")
            assert quota.reserved + quota.used <= LIMIT

    @invariant()
    def each_note_is_what_its_buyer_asks_for_and_within_the_list(self) -> None:
        for key, note in self.ledger.notes.items():
            mine = [each for each in self.holdings if each.quota_key == key[:2]]
            asked = [(each, noted.quantity) for each in mine for noted in each.noted]
            assert note.reserved == sum(quantity for each, quantity in asked if each.is_open)
            assert note.used == sum(quantity for each, quantity in asked if each.status == "COMMITTED")
            assert note.reserved + note.used <= SUGAR

    @invariant()
    def one_version_of_a_declaration_holds_at_most(self) -> None:
        holding = [
            each.declaration_id for each in self.holdings if each.is_open or each.status == "COMMITTED"
        ]
        assert len(holding) == len(set(holding))

    @invariant()
    def what_has_ended_holds_nothing(self) -> None:
        for each in self.holdings:
            if not each.is_open and each.status != "COMMITTED":
                assert each.quota_held + each.guarantee_held == 0

    @invariant()
    def who_waits_has_a_review_and_a_term(self) -> None:
        waiting = {each.declaration_id: each.version for each in self.holdings if each.status == "WAITING"}
        assert {key: review.version for key, review in self.ledger.reviews.items()} == waiting
        for declaration_id, version in waiting.items():
            assert PaymentLapsed(declaration_id=declaration_id, version=version) in self.ledger.deadlines

    @invariant()
    def who_waits_for_what_is_free_is_looked_at_again(self) -> None:
        due = {
            (order.declaration_id, order.version) for order, at in self.ledger.deadlines.items() if at == NOW
        }
        waiting = [each for each in self.holdings if each.status == "WAITING"]
        soon = sum(each.tax_total for each in waiting if (each.declaration_id, each.version) in due)
        free = self.ledger.accounts[GUARANTOR].free - soon if waiting else Decimal(0)
        others = [each for each in waiting if (each.declaration_id, each.version) not in due]
        assert [each for each in others if each.tax_total <= free] == []


TestBalances = Balances.TestCase
TestBalances.settings = STEADY
