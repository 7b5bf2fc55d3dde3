"""Memory books: deposits, ledger, bills and payments in dicts, as strict as the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.tax.books.bills import Bill, BillItem, Terms
from services.tax.books.bookkeeping import Bookkeeping
from services.tax.books.entries import BOOKS, Entry, change_of
from services.tax.books.guarantee import Deposit
from services.tax.books.payments import AboutBill, IssueBill, Payment, Receipt
from services.tax.books.withdrawals import Withdrawal, WithdrawalKey


class MemoryBooks:
    """The half of `MemoryTaxLedger` that is money."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.deposits: dict[tuple[str, str], Deposit] = {}
        self.entries: dict[tuple[str, int], Entry] = {}
        self.bills: dict[str, Bill] = {}
        self.items: dict[tuple[str, int, str, int], BillItem] = {}
        self.payments: dict[tuple[str, str], Receipt] = {}
        self.withdrawals: dict[WithdrawalKey, Withdrawal] = {}
        self.deadlines: dict[Any, datetime] = {}

    def save_books(self, books: Bookkeeping) -> None:
        """New entries and items, bills that changed, and when those that are new close."""
        for entry in books.entries():
            self._follows(entry)
            self.entries[entry.party, entry.seq] = entry
        for party, account in books.accounts.items():
            last = self.entries.get((party, account.entries))
            assert last is None or dict(last.after) == account.books, f"{party} is not what its ledger says"
            assert last is not None or not any(account.books.values()), f"{party} has money without an entry"
            assert (party, account.entries + 1) not in self.entries, f"{party} is behind its ledger"
        for item in books.items:
            key = (item.declaration_id, item.version, item.kind, item.entry)
            assert key not in self.items, f"{key} is on a bill already"
            self.items[key] = item
        for number in sorted(books.changed_bills):
            bill = self.bills[number] = books.bills[number]
            if number in books.begun_bills:
                self.deadlines[IssueBill(bill_no=number)] = bill.closes_at

    def _follows(self, entry: Entry) -> None:
        """An entry follows the one before it, and its books balance."""
        before = self.entries.get((entry.party, entry.seq - 1))
        assert before is not None or entry.seq == 1, "a gap in the ledger"
        assert (entry.party, entry.seq) not in self.entries, "an entry is written twice"
        for book in BOOKS:
            was = before.after[book] if before else 0
            assert entry.after[book] == was + change_of(entry.move, book, entry.amount), (
                f"{book} does not follow"
            )
        after = entry.after
        assert after["bank"] + after["due"] + after["unsecured"] == (
            after["guarantee"] + after["refundable"] + after["levied"]
        ), "debits are not credits"
        assert min(after.values()) >= 0
        assert entry.amount > 0

    async def remind(self, orders: Sequence[tuple[datetime, AboutBill]]) -> None:
        """Have orders about bills run when they are due."""
        for due_at, order in orders:
            self.deadlines[order] = due_at

    async def payments_like(self, given: Sequence[Payment]) -> dict[tuple[str, str], Payment]:
        """Known payments under the same references."""
        asked = {payment.key for payment in given}
        return {key: receipt.payment for key, receipt in self.payments.items() if key in asked}

    async def keep_payments(self, receipts: Sequence[Receipt]) -> None:
        """Keep new payments."""
        for receipt in receipts:
            self.payments.setdefault(receipt.payment.key, receipt)

    async def withdrawals_like(self, keys: Sequence[WithdrawalKey]) -> dict[WithdrawalKey, Withdrawal]:
        """Known withdrawals under these keys."""
        return {key: each for key, each in self.withdrawals.items() if key in keys}

    async def keep_withdrawals(self, made: Sequence[Withdrawal]) -> None:
        """Keep new withdrawals."""
        self.withdrawals |= {each.key: each for each in made}

    async def deposits_like(self, given: Sequence[Deposit]) -> dict[tuple[str, str], Deposit]:
        """Known deposits of the same party and reference."""
        asked = {(deposit.party, deposit.reference) for deposit in given}
        return {key: deposit for key, deposit in self.deposits.items() if key in asked}

    async def keep_deposits(self, made: Sequence[Deposit], _now: datetime) -> None:
        """Keep new deposits."""
        self.deposits |= {(deposit.party, deposit.reference): deposit for deposit in made}
