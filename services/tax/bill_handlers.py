"""Bill handlers: what tax does about bills.

Four beats each, as in `handlers`; every order runs under the head of its bill, and then under the lock of the
guarantor's account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.tax import billing, sayings
from services.tax.books.bills import month_of
from services.tax.books.payments import (
    BillCommitted,
    BillLapsed,
    CollectBill,
    IssueBill,
    PayBill,
)
from services.tax.books.withdrawals import Withdraw, withdraw_all
from services.tax.ports import TaxLedger
from services.tax.waking import wake
from shared.contracts.envelope import AnyEvent


async def on_bills_closed(batch: Sequence[IssueBill], ledger: TaxLedger, now: datetime) -> list[AnyEvent]:
    """The month is over, or an officer does not wait for its end: what is due is told."""
    balances = await ledger.lock_bills(order.bill_no for order in batch)
    issued = billing.issue_all(batch, balances, ledger.terms, now)
    await ledger.save(balances)
    await ledger.remind([(bill.due_at, BillLapsed(bill_no=bill.bill_no)) for bill in issued if bill.due_at])
    return [sayings.bill_issued(bill) for bill in issued]


async def on_bills_lapsed(batch: Sequence[BillLapsed], ledger: TaxLedger, now: datetime) -> list[AnyEvent]:
    """The term of a bill is over."""
    balances = await ledger.lock_bills(order.bill_no for order in batch)
    overdue = billing.lapse_bills(batch, balances, now)
    await ledger.save(balances)
    return [sayings.bill_overdue(bill) for bill in overdue]


async def on_bills_paid(batch: Sequence[PayBill], ledger: TaxLedger, now: datetime) -> list[AnyEvent]:
    """A bank or a payment provider says that bills are paid; who waits for what comes free is woken."""
    balances = await ledger.lock_bills(order.bill_no for order in batch)
    known = await ledger.payments_like([order.payment for order in batch])
    paid = billing.pay_all(batch, known, balances, now)
    await ledger.keep_payments([receipt for _, receipt in paid])
    kept = await ledger.payments_like([receipt.payment for _, receipt in paid])
    for _, receipt in paid:
        billing.is_known(receipt.payment, kept)
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return [sayings.bill_paid(bill, receipt) for bill, receipt in paid]


async def on_bills_collected(
    batch: Sequence[CollectBill], ledger: TaxLedger, now: datetime
) -> list[AnyEvent]:
    """An officer takes what is overdue out of the guarantee."""
    balances = await ledger.lock_bills(order.bill_no for order in batch)
    collected = billing.collect_all(batch, balances, now)
    await ledger.keep_payments([receipt for _, receipt in collected])
    await ledger.save(balances)
    return [sayings.bill_paid(bill, receipt) for bill, receipt in collected]


async def on_money_withdrawn(batch: Sequence[Withdraw], ledger: TaxLedger, _now: datetime) -> list[AnyEvent]:
    """An officer pays out, or takes a deposit back; it says nothing of its own, as a deposit does."""
    balances = await ledger.lock_accounts(order.withdrawal.party for order in batch)
    known = await ledger.withdrawals_like([order.withdrawal.key for order in batch])
    made = withdraw_all(batch, known, balances)
    await ledger.keep_withdrawals(made)
    await ledger.save(balances)
    return []


async def on_committed_unbilled(
    batch: Sequence[BillCommitted], ledger: TaxLedger, now: datetime
) -> list[AnyEvent]:
    """A release of this software without bills has committed these: they are billed now."""
    months: dict[str, str] = {order.declaration_id: month_of(now) for order in batch}
    balances = await ledger.lock_billing(months)
    billing.carry_all(batch, months, balances, now)
    await ledger.save(balances)
    return []
