"""Billing: decisions on bills. Pure, no clock, no wire.

A bill is issued when its month is over, paid once and whole, or overdue when its term is over; then an officer may
have it paid out of the guarantee. Amounts in CNY.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.tax.balances import Balances, Holding
from services.tax.books.bills import Bill, Terms
from services.tax.books.payments import (
    BillCommitted,
    BillLapsed,
    CollectBill,
    IssueBill,
    PayBill,
    Payment,
    Receipt,
)
from shared.kernel.refusal import Refusal

Known = Mapping[tuple[str, str], Payment]


def issue_all(orders: Iterable[IssueBill], balances: Balances, terms: Terms, now: datetime) -> list[Bill]:
    """Open bills are issued: nothing is added any more, and payment is awaited."""
    found = (balances.bills.get(order.bill_no) for order in orders)
    return [
        balances.keep_bill(replace(bill, status="ISSUED", issued_at=now, due_at=now + terms.payment))
        for bill in found
        if bill is not None and bill.status == "OPEN"
    ]


def lapse_bills(orders: Iterable[BillLapsed], balances: Balances, now: datetime) -> list[Bill]:
    """The term of bills is over: those that are still to be paid are overdue."""
    found = (balances.bills.get(order.bill_no) for order in orders)
    return [
        balances.keep_bill(replace(bill, overdue_at=now))
        for bill in found
        if bill is not None and bill.is_payable and bill.overdue_at is None
    ]


def pay_all(
    orders: Iterable[PayBill], known: Known, balances: Balances, now: datetime
) -> list[tuple[Bill, Receipt]]:
    """Bills are paid; a payment that is told again changes nothing."""
    return [
        (balances.pay(bill, now), receipt_of(order.payment, bill, now))
        for order in orders
        if not is_known(order.payment, known)
        for bill in [payable(order.payment, balances)]
    ]


def is_known(payment: Payment, known: Known) -> bool:
    """Whether a payment is told again. Its reference stands for one payment, whoever tells it."""
    first = known.get(payment.key)
    if first is not None and not first.is_same(payment):
        raise Refusal(
            "E-DUP-CONFLICT",
            f"{payment.reference} is known as the reference of another payment",
            rule="is_known",
            fix="use the bank's or provider's own reference, a new one for each payment",
        )
    return first is not None


def payable(payment: Payment, balances: Balances) -> Bill:
    """The bill that a payment is for: issued, not paid, and of just this amount."""
    bill = balances.bills.get(payment.bill_no)
    if bill is None:
        raise unknown_bill(payment.bill_no)
    must_await_payment(bill)
    if payment.amount != bill.total:
        raise Refusal(
            "E-PAY-AMOUNT",
            f"{payment.amount} was paid, {bill.total} is due on {bill.bill_no}",
            status=422,
            rule="payable",
            fix=f"pay {bill.total}: a bill is paid as a whole",
            amount_due=str(bill.total),
        )
    return bill


def unknown_bill(bill_no: str) -> Refusal:
    """404: money for a bill that there is not."""
    return Refusal(
        "E-PAY-BILL",
        f"there is no bill {bill_no}",
        status=404,
        rule="unknown_bill",
        fix="correct the number: GET /v1/bills lists them",
    )


def must_await_payment(bill: Bill) -> None:
    """Only an issued bill that leaves something to pay is paid, and once."""
    if bill.is_payable:
        return
    why = {
        "OPEN": f"it is open until {bill.closes_at.isoformat()}: what is due is not known yet",
        "ISSUED": "all that was on it has been given back: nothing is due",
        "PAID": "it is paid",
    }
    raise Refusal(
        "E-BILL-STATE",
        f"{bill.bill_no}: {why[bill.status]}",
        rule="must_await_payment",
        fix=f"read it again: GET /v1/bills/{bill.bill_no}",
    )


def collect_all(
    orders: Iterable[CollectBill], balances: Balances, now: datetime
) -> list[tuple[Bill, Receipt]]:
    """An officer has overdue bills paid out of the guarantee."""
    made = []
    for order in orders:
        bill = collectable(order, balances)
        payment = Payment(
            bill_no=bill.bill_no,
            method="GUARANTEE",
            channel="guarantee",
            reference=bill.bill_no,
            amount=bill.total,
            made_by=order.officer,
            note=order.reason,
        )
        made.append((balances.collect(bill, now), receipt_of(payment, bill, now)))
    return made


def collectable(order: CollectBill, balances: Balances) -> Bill:
    """An overdue bill that the guarantee can pay: what it secures is there; the rest must be free."""
    bill = balances.bills.get(order.bill_no)
    if bill is None:
        raise unknown_bill(order.bill_no)
    must_await_payment(bill)
    if bill.overdue_at is None:
        raise Refusal(
            "E-BILL-EARLY",
            f"{bill.bill_no} is not overdue: it is due on {bill.due_at and bill.due_at.isoformat()}",
            rule="collectable",
            fix="wait until its term is over",
        )
    missing = bill.total - bill.secured - balances.accounts[bill.guarantor].free
    if missing > 0:
        raise Refusal(
            "E-BILL-SHORT",
            f"{missing} is missing on the account of {bill.guarantor}: part of {bill.bill_no} was never secured",
            rule="collectable",
            fix=f"await payment, or a deposit of {missing} beyond what waits for this account: that takes it first",
            missing=str(missing),
        )
    return bill


def carry_all(
    orders: Iterable[BillCommitted], months: Mapping[str, str], balances: Balances, now: datetime
) -> list[Holding]:
    """Versions that were committed without a bill are billed in the month in which that is found."""
    found = ((order, balances.holdings.get(order.declaration_id)) for order in orders)
    released = [
        (holding, months[holding.declaration_id])
        for order, holding in found
        if holding is not None
        and (holding.version, holding.status, holding.bill_no) == (order.version, "COMMITTED", "")
    ]
    return balances.carry_all(released, now)


def receipt_of(payment: Payment, bill: Bill, now: datetime) -> Receipt:
    """What the parties of a bill get for its payment."""
    return Receipt(payment=payment, parties=bill.parties, recorded_at=now)
