"""Bills shown: ledger, bills, items and receipts as their parties read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from services.tax.books.bills import Bill, BillItem, BillStatus, ItemKind
from services.tax.books.entries import BOOKS, Book, Entry, Kind
from services.tax.books.payments import Method, Receipt
from services.tax.books.reading import Shown

BILL = "B202511-AGENT00001-AGENT00001-1"
NEXT = "Give it as ?cursor= for the next page; null at the end."
_NATIONAL: dict[BillStatus, int] = {"OPEN": 1, "ISSUED": 2, "PAID": 2}


class BooksOut(BaseModel):
    """The six books of a party. bank + due + unsecured = guarantee + refundable + levied."""

    bank: Decimal = Field(description="Paid in, less what went back.")
    due: Decimal = Field(description="Owed for released goods, secured by the guarantee.")
    unsecured: Decimal = Field(description="Owed for goods released under a waiver.")
    guarantee: Decimal = Field(description="The balance of the guarantee account.")
    refundable: Decimal = Field(description="Paid, and to be given back.")
    levied: Decimal = Field(description="Tax of released goods, less what was given back.")


class EntryOut(BaseModel):
    """One entry: an amount debited to one book and credited to another, for good."""

    seq: int = Field(description="1..n of the party, without a gap.")
    kind: Kind
    debit: Book
    credit: Book
    amount: Decimal = Field(description="CNY.")
    reference: str = Field(description="Bill, or the bank's reference.", examples=[BILL])
    recorded_at: datetime | None
    after: BooksOut = Field(description="The books after it.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """As shown."""
        return cls(
            seq=entry.seq,
            **entry.move._asdict(),
            amount=entry.amount,
            reference=entry.reference,
            recorded_at=entry.recorded_at,
            after=BooksOut(**{book: entry.after[book] for book in BOOKS}),
        )


class EntriesOut(BaseModel):
    """A page of a ledger, newest first."""

    party: str
    items: list[EntryOut]
    next_cursor: str | None = Field(description=NEXT)


class TaxesOut(BaseModel):
    """Amounts by tax, CNY."""

    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal
    total: Decimal


class BillOut(TaxesOut):
    """A monthly bill: what is owed, less what was given back before it was paid."""

    bill_no: str = Field(examples=[BILL], description="What CEB816 calls entDutyNo.")
    status: Shown = Field(description="OVERDUE: issued and late. VOID: issued, and nothing is left to pay.")
    national_status: int = Field(description="CEB816 and 818: 1 generated, 2 aggregated, 3 void.")
    declarant: str
    guarantor: str
    month: str = Field(examples=["2025-11"], description="Calendar month in China.")
    secured: Decimal = Field(description="Of the total: secured by the guarantee account.")
    refunded: Decimal = Field(description="Given back after payment.")
    declarations: int
    closes_at: datetime = Field(description="When an open bill is issued.")
    issued_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    paid_at: datetime | None
    receipt_no: str | None = Field(description="Of its payment: GET /v1/receipts/{receipt_no}.")

    @classmethod
    def of(cls, bill: Bill) -> Self:
        """As shown."""
        status = status_of(bill)
        names = ("declarant", "guarantor", "month", "secured", "refunded", "closes_at", "issued_at", "due_at")
        return cls(
            **taxes_shown(bill),
            **{name: getattr(bill, name) for name in names},
            bill_no=bill.bill_no,
            status=status,
            national_status=3 if status == "VOID" else _NATIONAL[bill.status],
            declarations=bill.items,
            overdue_at=bill.overdue_at,
            paid_at=bill.paid_at,
            receipt_no=f"R{bill.bill_no[1:]}" if bill.status == "PAID" else None,
        )


class BillsOut(BaseModel):
    """A page of bills, newest month first."""

    items: list[BillOut]
    next_cursor: str | None = Field(description=NEXT)


class ItemOut(TaxesOut):
    """One declaration's tax, or what was given back of it."""

    tax_no: str = Field(description="Number of the declaration's own tax bill (CEB816 taxNo).")
    declaration_id: str
    version: int
    kind: ItemKind = Field(
        description="TAX: owed at release. VOID: given back before payment. REFUND: given back after."
    )
    is_secured: bool = Field(description="Whether the guarantee account secures it; false under a waiver.")
    entry: int = Field(description="Its entry in the guarantor's ledger; 0: none of its own.")

    @classmethod
    def of(cls, item: BillItem) -> Self:
        """As shown."""
        names = ("tax_no", "declaration_id", "version", "kind", "is_secured", "entry")
        return cls(**taxes_shown(item), **{name: getattr(item, name) for name in names})


class BillWithItemsOut(BillOut):
    """A bill, and a page of what it is made of."""

    items: list[ItemOut]
    next_cursor: str | None = Field(description=NEXT)


class ReceiptOut(BaseModel):
    """That a bill was paid, how, and by whom told."""

    receipt_no: str = Field(examples=[f"R{BILL[1:]}"])
    bill_no: str = Field(examples=[BILL])
    amount: Decimal = Field(description="CNY.")
    method: Method
    channel: str = Field(description="bank, the payment provider's code, or guarantee.")
    reference: str
    note: str = Field(description="Why, where an officer has collected it.")
    parties: list[str]
    recorded_at: datetime

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """As shown."""
        payment = receipt.payment
        names = ("receipt_no", "bill_no", "amount", "method", "channel", "reference", "note")
        return cls(
            **{name: getattr(payment, name) for name in names},
            parties=list(receipt.parties),
            recorded_at=receipt.recorded_at,
        )


def taxes_shown(of: Bill | BillItem) -> dict[str, Any]:
    """The three taxes and their sum."""
    taxes = of.taxes
    return {
        "customs_duty": taxes.customs_duty,
        "consumption_tax": taxes.consumption_tax,
        "value_added_tax": taxes.value_added_tax,
        "total": taxes.total,
    }


def status_of(bill: Bill) -> Shown:
    """How a bill stands, in one word."""
    if bill.status != "ISSUED":
        return bill.status
    if not bill.total:
        return "VOID"
    return "OVERDUE" if bill.overdue_at else "ISSUED"
