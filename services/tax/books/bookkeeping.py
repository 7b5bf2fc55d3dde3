"""Bookkeeping: accounts, ledger and bills, moved together.

The half of `Balances` that is money. An amount moves in an account only by `post`, which notes the entry too; a bill
changes only with the item that says why. Amounts in CNY.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from services.tax.books.bills import Bill, BillItem, BillKey, begin_bill
from services.tax.books.entries import (
    COLLECTED,
    COLLECTED_UNSECURED,
    DEPOSITED,
    PAID,
    PAID_UNSECURED,
    REFUNDED,
    VOIDED,
    VOIDED_UNSECURED,
    Entry,
    Move,
    Posted,
    Posting,
    entries_of,
)
from services.tax.books.guarantee import Account
from shared.kernel.money import ZERO


@dataclass(slots=True, kw_only=True)
class Bookkeeping:
    """Locked accounts and their bills; what is new in ledger and bills."""

    accounts: dict[str, Account] = field(default_factory=dict)
    freed: set[str] = field(default_factory=set)
    """Accounts whose waiting filings are to be looked at again."""
    bills: dict[str, Bill] = field(default_factory=dict)
    """By number: those that were asked for, and those begun; under the lock of their guarantor's account."""
    changed_bills: set[str] = field(default_factory=set)
    """Those of `bills` that are to be written back."""
    begun_bills: set[str] = field(default_factory=set)
    """Those of `bills` that are new."""
    items: list[BillItem] = field(default_factory=list)
    """New on their bills."""
    posted: dict[Posting, Posted] = field(default_factory=dict)
    """New in the ledger."""
    last_bills: dict[BillKey, Bill] = field(default_factory=dict)
    """Of declarant, guarantor and month: the bill with the highest number."""

    def know(self, bills: Iterable[Bill]) -> None:
        """Bills as they are kept."""
        for bill in bills:
            self.bills[bill.bill_no] = bill
            self._note_last(bill)

    def pay_in(self, party: str, amount: Decimal, reference: str) -> None:
        """A deposit arrives."""
        self.post(party, DEPOSITED, amount, reference)
        self.freed.add(party)

    def pay(self, bill: Bill, now: datetime) -> Bill:
        """A bill is paid: what secured it comes free."""
        self._settle(bill, PAID, PAID_UNSECURED)
        self.freed.add(bill.guarantor)
        return self.keep_bill(replace(bill, status="PAID", paid_at=now))

    def collect(self, bill: Bill, now: datetime) -> Bill:
        """A bill is paid out of the guarantee, which is so much smaller afterwards."""
        self._settle(bill, COLLECTED, COLLECTED_UNSECURED)
        return self.keep_bill(replace(bill, status="PAID", paid_at=now))

    def open_bill(self, key: BillKey, now: datetime) -> Bill:
        """The open bill of a month, or a further one where the last was issued."""
        last = self.last_bills.get(key)
        if last is not None and last.status == "OPEN":
            return last
        begun = begin_bill(key, last.number + 1 if last else 1, now)
        self.begun_bills.add(begun.bill_no)
        return begun

    def bill_taxes(self, bill: Bill, items: Sequence[BillItem]) -> None:
        """Released declarations go to a bill."""
        self.items += items
        self.keep_bill(bill.adding(items))

    def take_back(self, item: BillItem) -> BillItem:
        """Part of an item is given back: less to pay while its bill is not paid, a credit afterwards."""
        bill, amount = self.bills[item.bill_no], item.taxes.total
        if bill.status == "PAID":
            move, kept = REFUNDED, replace(bill, refunded=bill.refunded + amount)
        else:
            move, kept = VOIDED if item.is_secured else VOIDED_UNSECURED, bill.reduced(item)
            self.freed.add(bill.guarantor)
        entry = self.post(bill.guarantor, move, amount, bill.bill_no)
        noted = replace(item, kind="REFUND" if move is REFUNDED else "VOID", entry=entry)
        self.items.append(noted)
        self.keep_bill(kept)
        return noted

    def keep_bill(self, bill: Bill) -> Bill:
        """A bill as it stands from now on."""
        self.bills[bill.bill_no] = bill
        self.changed_bills.add(bill.bill_no)
        self._note_last(bill)
        return bill

    def post(self, party: str, move: Move, amount: Decimal, reference: str, reserved: Decimal = ZERO) -> int:
        """Move money, and what the account reserves with it; the number of the entry that it is part of."""
        posting = Posting(party, move, reference)
        entry = self.posted.get(posting)
        account = self.accounts[party].posting(move, amount, is_new=entry is None, reserved=reserved)
        self.accounts[party] = account
        if entry is None:
            entry = self.posted[posting] = Posted(account.entries, ZERO)
        entry.amount += amount
        return entry.seq

    def entries(self) -> list[Entry]:
        """The ledger's new entries, one for each party, movement and reference."""
        books = {posting.party: self.accounts[posting.party].books for posting in self.posted}
        return list(entries_of(self.posted, books))

    def _note_last(self, bill: Bill) -> None:
        last = self.last_bills.get(bill.key)
        if last is None or last.number <= bill.number:
            self.last_bills[bill.key] = bill

    def _settle(self, bill: Bill, secured: Move, unsecured: Move) -> None:
        if bill.secured:
            self.post(bill.guarantor, secured, bill.secured, bill.bill_no)
        if rest := bill.total - bill.secured:
            self.post(bill.guarantor, unsecured, rest, bill.bill_no)
