"""Accounts: the ledger adds up, and guarantee accounts are what it, deposits, bills and events make of them.

The entries of a party are summed book by book, from what each debits and credits; the balances that entries carry are
not believed. CNY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.ledger import ZERO
from audit.rows import BILLS

ACCOUNTS = (
    """select party, balance, reserved, due, unsecured, refundable, bank, levied, entries from accounts"""
)
DEPOSITS = "select party, sum(amount) from deposits group by party"
ENTRIES = """select party, kind, debit, credit, sum(amount), count(*)::integer, max(seq) from entries
group by party, kind, debit, credit"""
WITHDRAWALS = "select party, kind, sum(amount) from withdrawals group by party, kind"
ASSETS = ("bank", "due", "unsecured")
LIABILITIES = ("guarantee", "refundable", "levied")


@dataclass(slots=True)
class Kept:
    """One party: its account, and all that should make it. CNY."""

    account: tuple[Decimal, ...] = (ZERO,) * 7
    """balance, reserved, due, unsecured, refundable, bank, levied."""
    entries: int = 0
    deposits: Decimal = ZERO
    gone: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Withdrawn, by kind."""
    books: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    moved: dict[tuple[str, str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    count: int = 0
    last: int = 0
    reserved: Decimal = ZERO
    """What open versions hold, as the events say."""
    owed: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(lambda: [ZERO, ZERO]))
    """Secured and not, by bill, from items."""
    paid: set[str] = field(default_factory=set)
    """Bills that owe nothing any more."""
    refunds: Decimal = ZERO


class Accounts:
    """Ledgers and guarantee accounts."""

    def __init__(self) -> None:
        self._of: dict[str, Kept] = defaultdict(Kept)

    def reads(self) -> Sequence[Read]:
        """Accounts, deposits, entries, and which bills are paid."""
        return [
            Read("tax", ACCOUNTS, self.keep_account),
            Read("tax", DEPOSITS, self.keep_deposits),
            Read("tax", WITHDRAWALS, self.keep_withdrawals),
            Read("tax", ENTRIES, self.keep_entries),
            Read("tax", BILLS, self.keep_bill),
        ]

    def keep_account(self, party: str, *row: Any) -> None:
        """A guarantee account."""
        self._of[party].account, self._of[party].entries = row[:7], row[7]

    def keep_deposits(self, party: str, amount: Decimal) -> None:
        """What a party has paid in."""
        self._of[party].deposits = amount

    def keep_withdrawals(self, party: str, kind: str, amount: Decimal) -> None:
        """What officers have paid out, or taken back of deposits."""
        self._of[party].gone[kind] = amount

    def keep_entries(self, party: str, kind: str, debit: str, credit: str, *sums: Any) -> None:
        """All entries of a party that move the same way: amount, how many, the last number."""
        amount, count, last = sums
        kept = self._of[party]
        kept.books[debit] += amount if debit in ASSETS else -amount
        kept.books[credit] += amount if credit in LIABILITIES else -amount
        kept.moved[kind, debit, credit] += amount
        kept.count, kept.last = kept.count + count, max(kept.last, last)

    def keep_bill(self, bill_no: str, guarantor: str, status: str, *_: Any) -> None:
        """Of a paid bill nothing is owed any more."""
        if status == "PAID":
            self._of[guarantor].paid.add(bill_no)

    def take(self, of: Dossier) -> None:
        """What versions hold, and what items owe."""
        for version, held in of.ledger.holdings.items():
            filed = of.story.filed.get(version)
            if held.status != "COMMITTED" and held.guarantee:
                self._of[filed.guarantor if filed else ""].reserved += held.guarantee
        for item in of.of("tax", "bill_items"):
            kept = self._of[item.party]
            if item.kind == "REFUND":
                kept.refunds += item.total
            else:
                owed = kept.owed[item.bill_no]
                owed[0 if item.is_secured else 1] += item.total if item.kind == "TAX" else -item.total

    def breaches(self) -> Iterator[Breach]:
        """Ledger by ledger, account by account."""
        for party in sorted(self._of):
            yield from ledger_adds_up(party, self._of[party])
            yield from account_adds_up(party, self._of[party])

    def counts(self) -> dict[str, Any]:
        """How many entries there are."""
        return {"ledger entries": sum(kept.count for kept in self._of.values())}


def ledger_adds_up(party: str, kept: Kept) -> Iterator[Breach]:
    """Debits are credits, numbers have no gap, and the account is the sums."""
    books = kept.books
    debited, credited = (sum((books[book] for book in side), ZERO) for side in (ASSETS, LIABILITIES))
    if debited != credited:
        yield Breach("ledger-adds-up", (party,), f"debits come to {debited:f}, credits to {credited:f}")
    if not kept.count == kept.last == kept.entries:
        what = f"{kept.count} entries, the last is {kept.last}, the account counts {kept.entries}"
        yield Breach("ledger-adds-up", (party,), what)
    balance, _, due, unsecured, refundable, bank, levied = kept.account
    shown = {
        "bank": bank,
        "due": due,
        "unsecured": unsecured,
        "guarantee": balance,
        "refundable": refundable,
        "levied": levied,
    }
    for book, amount in shown.items():
        if amount != books[book]:
            what = f"{book} is {amount:f}, its entries make {books[book]:f}"
            yield Breach("ledger-adds-up", (party,), what)


def account_adds_up(party: str, kept: Kept) -> Iterator[Breach]:
    """Balance = deposits less collected and corrected; reserved = open versions; due and unsecured = unpaid items."""
    balance, reserved, due, unsecured, refundable, *_ = kept.account
    collected = sum((amount for (kind, *_), amount in kept.moved.items() if kind == "COLLECTION"), ZERO)
    unpaid = [owed for bill_no, owed in kept.owed.items() if bill_no not in kept.paid]
    said = [
        kept.deposits - collected - kept.gone["CORRECTION"],
        kept.reserved,
        sum((owed[0] for owed in unpaid), ZERO),
        sum((owed[1] for owed in unpaid), ZERO),
        kept.refunds - kept.gone["PAYOUT"],
    ]
    if [balance, reserved, due, unsecured, refundable] != said:
        what = (
            f"balance, reserved, due, unsecured, refundable are {balance}, {reserved}, {due}, {unsecured}, "
            f"{refundable}; deposits, bills and events say {', '.join(map(str, said))}"
        )
        yield Breach("accounts-add-up", (party,), what)
    if reserved + due > balance:
        yield Breach("accounts-add-up", (party,), f"{reserved} + {due} is more than its balance {balance}")
