"""Billed: declarations that were released, and the bills they are on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.tax.bill_handlers import on_bills_closed, on_bills_paid
from services.tax.books.bills import month_of
from services.tax.books.payments import BillLapsed, IssueBill, PayBill, Payment
from services.tax.handlers import DEADLINES, on_reviews_decided
from services.tax.taxes import Taxes
from shared.contracts.envelope import AnyEvent
from shared.kernel.review import DecideReview, Review, ReviewDecided
from tests.services.tax.cases import GUARANTOR, a_filing, a_line, a_permit, an_id
from tests.services.tax.desks import Desk, hear, pay
from tests.support.builders import NOW, PARTIES

MONTH = month_of(NOW)
BILL = f"B{MONTH.replace('-', '')}-{GUARANTOR}-{GUARANTOR}-1"
"""Of the usual declarant and guarantor."""
LATER = NOW + timedelta(days=40)
TAX = Decimal("9.10")
"""Of the usual line of 100.00."""


def vat(amount: str) -> Taxes:
    """Value-added tax alone."""
    return Taxes(value_added_tax=Decimal(amount))


async def release(desk: Desk, *numbers: int, price: str = "100.00", funds: str = "1000.00") -> None:
    """Declarations from filing to permit, on a funded account."""
    await pay(desk, funds)
    filings = [a_filing(a_line(price), number=number, buyer=f"buyer-{number}") for number in numbers]
    await hear(desk, *filings)
    await hear(desk, *(a_permit(number) for number in numbers))


async def issue(desk: Desk, bill_no: str = BILL, now: datetime = LATER) -> Sequence[AnyEvent]:
    """A bill is issued."""
    return await desk.run(on_bills_closed, [IssueBill(bill_no=bill_no)], now=now)


async def lapse(desk: Desk, bill_no: str = BILL, now: datetime = LATER + timedelta(days=15)) -> Any:
    """The term of a bill is over."""
    return await hear_at(desk, BillLapsed(bill_no=bill_no), now)


async def hear_at(desk: Desk, order: Any, now: datetime) -> Any:
    """One order at a moment."""
    return await desk.run(DEADLINES[type(order)], [order], now=now)


def a_payment(amount: str, reference: str = "BANK-9", bill_no: str = BILL) -> PayBill:
    """A bank's advice."""
    payment = Payment(
        bill_no=bill_no,
        method="BANK",
        channel="bank",
        reference=reference,
        amount=Decimal(amount),
        made_by="test",
    )
    return PayBill(bill_no=bill_no, payment=payment)


async def settle(desk: Desk, amount: str, reference: str = "BANK-9", bill_no: str = BILL) -> Any:
    """A bank says that a bill is paid."""
    return await desk.run(on_bills_paid, [a_payment(amount, reference, bill_no)], now=LATER)


async def kinds(desk: Desk) -> list[tuple[str, Decimal]]:
    """The ledger of the usual account: what moved, and how much."""
    return [(entry.move.kind, entry.amount) for entry in await desk.ledger_of(GUARANTOR)]


async def money(desk: Desk) -> tuple[Decimal, ...]:
    """Balance, due, unsecured, refundable of the usual account."""
    account = await desk.account(GUARANTOR)
    assert account is not None
    return account.balance, account.due, account.unsecured, account.refundable


async def waived(desk: Desk, number: int = 1) -> None:
    """A declaration that waits is waived by an officer, and released."""
    await hear(desk, a_filing(a_line("100.00"), number=number))
    order = DecideReview(
        declaration_id=an_id(number), version=1, lease_no=1, verdict="pass", reason="a letter", officer="o"
    )
    review = Review(
        declaration_id=an_id(number),
        version=1,
        code="AWAITING_PAYMENT",
        reason="",
        parties=PARTIES,
        opened_at=NOW,
        due_at=NOW,
    )
    await desk.run(on_reviews_decided, [ReviewDecided(review=review, order=order)])
    await hear(desk, a_permit(number))
