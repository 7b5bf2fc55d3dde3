"""Bill store: the SQL of money.

The half of `SqlTaxLedger` that keeps deposits, ledger, bills and payments. A bill is read and written under the lock
of its guarantor's account. Every method is a constant number of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.tax.books.bills import Bill, BillKey, Terms
from services.tax.books.bookkeeping import Bookkeeping
from services.tax.books.guarantee import Deposit
from services.tax.books.payments import AboutBill, IssueBill, Payment, Receipt
from services.tax.books.rows import (
    bill_row,
    entry_row,
    item_row,
    payment_row,
    read_bill,
    read_receipt,
)
from services.tax.books.tables import bill_items, bills, entries, payments, withdrawals
from services.tax.books.withdrawals import Withdrawal, WithdrawalKey
from services.tax.columns import amount
from services.tax.tables import deposits
from shared.kernel.money import ZERO
from shared.runtime.database import fetch, insert_missing, insert_rows, upsert_rows
from shared.runtime.deadlines import Deadline, set_deadlines

_LAST = sa.text(
    """select distinct on (declarant, guarantor, month) bills.* from bills
        join unnest(cast(:declarants as text[]), cast(:guarantors as text[]), cast(:months as text[]))
          as given (declarant, guarantor, month) using (declarant, guarantor, month)
        order by declarant, guarantor, month, number desc"""
)
_BILLS = sa.text("select * from bills where bill_no = any(:numbers)")
_PAYMENTS = sa.text(
    """select payments.* from payments
       join unnest(cast(:channels as text[]), cast(:references as text[])) as given (channel, reference)
       using (channel, reference)"""
)
_WITHDRAWALS = sa.text(
    """select party, kind, reference, amount, reason, made_by
       from withdrawals
       join unnest(cast(:parties as text[]), cast(:kinds as text[]), cast(:references as text[]))
         as given (party, kind, reference) using (party, kind, reference)"""
)
_DEPOSITS = sa.text(
    """select party, reference, amount, made_by
       from deposits join unnest(cast(:parties as text[]), cast(:references as text[])) as given (party, reference)
       using (party, reference)"""
)


class SqlBooks:
    """Deposits, ledger, bills and payments on one connection."""

    def __init__(self, connection: AsyncConnection, terms: Terms | None = None) -> None:
        self.connection, self.terms = connection, terms or Terms()

    async def last_bills(self, keys: Iterable[BillKey]) -> list[Bill]:
        """Of each declarant, guarantor and month: the bill with the highest number."""
        asked = sorted(set(keys))
        columns = {
            "declarants": [key[0] for key in asked],
            "guarantors": [key[1] for key in asked],
            "months": [key[2] for key in asked],
        }
        return [read_bill(row) for row in await fetch(self.connection, _LAST, columns)]

    async def bills_like(self, numbers: Iterable[str]) -> list[Bill]:
        """Those of these bills that there are."""
        asked = {"numbers": sorted(set(numbers))}
        return [read_bill(row) for row in await fetch(self.connection, _BILLS, asked)]

    async def save_books(self, books: Bookkeeping) -> None:
        """New entries and items, bills that changed, and when those that are new close."""
        to = self.connection
        await insert_rows(to, entries, [entry_row(entry) for entry in books.entries()])
        await insert_rows(to, bill_items, [item_row(item) for item in books.items])
        changed = [books.bills[number] for number in sorted(books.changed_bills)]
        await upsert_rows(to, bills, [bill_row(bill) for bill in changed], key=("bill_no",))
        closing = [bill for bill in changed if bill.bill_no in books.begun_bills]
        await self.remind([(bill.closes_at, IssueBill(bill_no=bill.bill_no)) for bill in closing])

    async def remind(self, orders: Sequence[tuple[datetime, AboutBill]]) -> None:
        """Have orders about bills run when they are due."""
        await set_deadlines(
            self.connection, [Deadline(due_at=due_at, command=order) for due_at, order in orders]
        )

    # --- payments and deposits ---

    async def payments_like(self, given: Sequence[Payment]) -> dict[tuple[str, str], Payment]:
        """Known payments under the same references."""
        asked = {
            "channels": [payment.channel for payment in given],
            "references": [payment.reference for payment in given],
        }
        rows = (await self.connection.execute(_PAYMENTS, asked)).mappings()
        return {receipt.payment.key: receipt.payment for receipt in map(read_receipt, rows)}

    async def keep_payments(self, receipts: Sequence[Receipt]) -> None:
        """Keep new payments; one whose reference was taken meanwhile is not kept, and `payments_like` tells it."""
        rows = [payment_row(receipt) for receipt in receipts]
        await insert_missing(self.connection, payments, rows, key=("channel", "reference"))

    async def withdrawals_like(self, keys: Sequence[WithdrawalKey]) -> dict[WithdrawalKey, Withdrawal]:
        """Known withdrawals under these keys."""
        asked = {
            "parties": [party for party, _, _ in keys],
            "kinds": [kind for _, kind, _ in keys],
            "references": [reference for _, _, reference in keys],
        }
        rows = (await self.connection.execute(_WITHDRAWALS, asked)).mappings()
        found = (Withdrawal(**{**row, "amount": amount(row["amount"])}) for row in rows)
        return {withdrawal.key: withdrawal for withdrawal in found}

    async def keep_withdrawals(self, made: Sequence[Withdrawal]) -> None:
        """Keep new withdrawals."""
        await insert_rows(self.connection, withdrawals, [asdict(withdrawal) for withdrawal in made])

    async def deposit_of(self, party: str, reference: str) -> Deposit | None:
        """One deposit."""
        given = Deposit(party=party, reference=reference, amount=ZERO, made_by="")
        return (await self.deposits_like([given])).get((party, reference))

    async def deposits_like(self, given: Sequence[Deposit]) -> dict[tuple[str, str], Deposit]:
        """Known deposits of the same party and reference."""
        asked = {"parties": [each.party for each in given], "references": [each.reference for each in given]}
        rows = (await self.connection.execute(_DEPOSITS, asked)).mappings().all()
        found = (Deposit(**{**row, "amount": amount(row["amount"])}) for row in rows)
        return {(deposit.party, deposit.reference): deposit for deposit in found}

    async def keep_deposits(self, made: Sequence[Deposit], now: datetime) -> None:
        """Keep new deposits."""
        rows = [{**asdict(deposit), "made_at": now} for deposit in made]
        await insert_rows(self.connection, deposits, rows)
