"""Bill rows: ledger, bills and payments to columns and back."""

from __future__ import annotations

import sqlalchemy as sa

from services.tax.books.bills import Bill, BillItem
from services.tax.books.entries import BOOKS, Entry, Move
from services.tax.books.guarantee import Account
from services.tax.books.payments import Payment, Receipt
from services.tax.columns import amount, read_taxes, taxes_row
from shared.runtime.arrays import Row

_PLAIN = (
    "declarant",
    "guarantor",
    "month",
    "number",
    "status",
    "items",
    "closes_at",
    "issued_at",
    "due_at",
    "overdue_at",
    "paid_at",
)
AMOUNTS = ("balance", "reserved", "due", "unsecured", "refundable", "bank", "levied")


def read_bill(row: sa.RowMapping) -> Bill:
    """A bill from its row."""
    plain = {name: row[name] for name in _PLAIN}
    secured, refunded = amount(row["secured"]), amount(row["refunded"])
    return Bill(**plain, taxes=read_taxes(row), secured=secured, refunded=refunded)


def bill_row(bill: Bill) -> Row:
    """A bill as its row."""
    return {
        "bill_no": bill.bill_no,
        **{name: getattr(bill, name) for name in _PLAIN},
        **taxes_row(bill.taxes),
        "secured": bill.secured,
        "refunded": bill.refunded,
    }


def item_row(item: BillItem) -> Row:
    """An item as its row."""
    return {
        "declaration_id": item.declaration_id,
        "version": item.version,
        "kind": item.kind,
        "entry": item.entry,
        "party": item.party,
        "bill_no": item.bill_no,
        "customs_duty": item.taxes.customs_duty,
        "consumption_tax": item.taxes.consumption_tax,
        "value_added_tax": item.taxes.value_added_tax,
        "is_secured": item.is_secured,
    }


def read_item(row: sa.RowMapping) -> BillItem:
    """An item from its row."""
    names = ("declaration_id", "version", "kind", "entry", "party", "bill_no", "is_secured")
    return BillItem(**{name: row[name] for name in names}, taxes=read_taxes(row))


def entry_row(entry: Entry) -> Row:
    """An entry of the ledger as its row."""
    return {
        "party": entry.party,
        "seq": entry.seq,
        **entry.move._asdict(),
        "amount": entry.amount,
        "reference": entry.reference,
        **{book: entry.after[book] for book in BOOKS},
    }


def read_entry(row: sa.RowMapping) -> Entry:
    """An entry of the ledger from its row."""
    return Entry(
        party=row["party"],
        seq=row["seq"],
        move=Move(row["kind"], row["debit"], row["credit"]),
        amount=amount(row["amount"]),
        reference=row["reference"],
        after={book: amount(row[book]) for book in BOOKS},
        recorded_at=row["recorded_at"],
    )


def payment_row(receipt: Receipt) -> Row:
    """A payment as its row."""
    payment = receipt.payment
    names = ("channel", "reference", "bill_no", "method", "amount", "made_by", "note")
    return {
        **{name: getattr(payment, name) for name in names},
        "parties": receipt.parties,
        "recorded_at": receipt.recorded_at,
    }


def read_receipt(row: sa.RowMapping) -> Receipt:
    """A payment from its row."""
    names = ("channel", "reference", "bill_no", "method", "made_by", "note")
    payment = Payment(**{name: row[name] for name in names}, amount=amount(row["amount"]))
    return Receipt(payment=payment, parties=tuple(row["parties"]), recorded_at=row["recorded_at"])


def read_account(row: sa.RowMapping) -> Account:
    """An account from its row."""
    amounts = {name: amount(row[name]) for name in AMOUNTS}
    return Account(party=row["party"], entries=row["entries"], **amounts)


def account_row(account: Account) -> Row:
    """An account as its row."""
    return {name: getattr(account, name) for name in ("party", *AMOUNTS, "entries")}
