"""Quota, guarantee and bills as a state machine: nothing is held or paid twice, lost, or beyond its limit."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from services.tax.bill_handlers import on_bills_collected, on_bills_paid
from services.tax.books.guarantee import GuaranteeFreed, PaymentLapsed
from services.tax.books.payments import BillLapsed, CollectBill, IssueBill
from services.tax.handlers import on_deposits_made, on_reviews_decided
from services.tax.taxes import Taxes
from shared.kernel.ids import BuyerToken
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, ReviewDecided, Verdict
from tests.services.tax.billed import a_payment
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
from tests.services.tax.desks import refund
from tests.services.tax.room_machine import TaxRoom
from tests.support.builders import NOW
from tests.support.machines import STEADY, done

NUMBERS = st.integers(min_value=1, max_value=5)
PRICES = st.sampled_from(["50.00", "1000.00", "4900.00"])
LIMIT = Decimal(26_000)
SUGAR = Decimal(2)
"""Kilograms a person and year."""


class Balances(TaxRoom):
    """A few declarations of two buyers under one guarantor; and, beside them, what was paid in."""

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

    @rule(part=st.sampled_from(["0.00", "0.01", "1.00", "10.00"]), number=NUMBERS)
    def part_of_it_goes_back(self, number: int, part: str) -> None:
        """As returns do: some of what is left of its tax, and of its quota."""
        holding = self.latest(number)
        if holding and holding.status == "COMMITTED":
            left = holding.tax_total - holding.refunded
            back = Taxes(value_added_tax=min(left, Decimal(part)))
            done(refund(self.ledger, number, back, min(holding.quota_held, Decimal(part) * 10)))

    @rule(kind=st.sampled_from([IssueBill, BillLapsed]))
    def a_month_or_a_term_is_over(self, kind: Any) -> None:
        self.run(*[kind(bill_no=number) for number in self.ledger.bills])

    @rule(cents_off=st.sampled_from(["0.00", "0.00", "0.01", "-0.01"]), reference=st.integers(1, 3))
    def somebody_pays(self, cents_off: str, reference: int) -> None:
        for bill in list(self.ledger.bills.values()):
            order = a_payment(str(bill.total + Decimal(cents_off)), f"PAID-{reference}", bill.bill_no)
            with suppress(Refusal):
                done(on_bills_paid([order], self.ledger, NOW))

    @rule()
    def an_officer_collects(self) -> None:
        for number in list(self.ledger.bills):
            order = CollectBill(bill_no=number, officer="o", reason="late")
            with suppress(Refusal):
                done(on_bills_collected([order], self.ledger, NOW))

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

    @invariant()
    def the_account_is_what_was_paid_and_what_is_held(self) -> None:
        if GUARANTOR in self.ledger.accounts:
            account, bills = self.ledger.accounts[GUARANTOR], self.ledger.bills.values()
            collected = [each.payment for each in self.ledger.payments.values()]
            unpaid = [bill for bill in bills if bill.status != "PAID"]
            gone = sum(each.amount for each in collected if each.method == "GUARANTEE")
            assert account.balance == self.paid - gone
            assert account.reserved == sum(each.guarantee_held for each in self.holdings if each.is_open)
            assert account.due == sum(bill.secured for bill in unpaid)
            assert account.unsecured == sum(bill.total - bill.secured for bill in unpaid)
            assert account.refundable == sum(bill.refunded for bill in bills)
            assert account.free >= 0

    @invariant()
    def released_tax_is_owed_paid_or_given_back(self) -> None:
        levied = sum(each.tax_total for each in self.holdings if each.status == "COMMITTED")
        back = sum(each.refunded for each in self.holdings)
        bills = self.ledger.bills.values()
        owed = sum(bill.total for bill in bills if bill.status != "PAID")
        paid = sum(each.payment.amount for each in self.ledger.payments.values())
        assert levied - back == owed + paid - sum(bill.refunded for bill in bills)

    @invariant()
    def a_bill_is_the_sum_of_its_items(self) -> None:
        for bill in self.ledger.bills.values():
            mine = [item for item in self.ledger.items.values() if item.bill_no == bill.bill_no]
            sign = {"TAX": 1, "VOID": -1, "REFUND": 0}
            assert bill.total == sum(sign[item.kind] * item.taxes.total for item in mine)
            assert bill.items == sum(item.kind == "TAX" for item in mine)
            assert bill.refunded == sum(item.taxes.total for item in mine if item.kind == "REFUND")
            assert 0 <= bill.secured <= bill.total

    @invariant()
    def a_bill_is_paid_once_and_whole(self) -> None:
        paid = {each.payment.bill_no: each.payment.amount for each in self.ledger.payments.values()}
        assert len(paid) == len(self.ledger.payments)
        whole = {each.bill_no: each.total for each in self.ledger.bills.values() if each.status == "PAID"}
        assert paid == whole

    @invariant()
    def each_release_is_on_one_bill(self) -> None:
        taxed = [item.declaration_id for item in self.ledger.items.values() if item.kind == "TAX"]
        released = [each.declaration_id for each in self.holdings if each.status == "COMMITTED"]
        assert sorted(taxed) == sorted(released)

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
