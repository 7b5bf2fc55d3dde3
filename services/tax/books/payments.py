"""Payments: money for a bill, and the orders about bills.

A bill is paid once and whole: by a bank's advice, by a payment provider's callback, or, when it is overdue, out of
the guarantee. Whatever way, the payment has a receipt. Amounts in CNY.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from shared.kernel.ids import DeclarationId, bill_subject

Method = Literal["BANK", "PROVIDER", "GUARANTEE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money for one bill, known once under the reference of who says it."""

    bill_no: str
    method: Method
    channel: str
    """Who says it: bank, a payment provider, or guarantee."""
    reference: str
    """The bank's reference, the provider's event, the bill itself."""
    amount: Decimal
    made_by: str
    note: str = ""
    """Why, where an officer has decided it."""

    @property
    def receipt_no(self) -> str:
        """The number of its receipt: a bill is paid once."""
        return f"R{self.bill_no[1:]}"

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by."""
        return self.channel, self.reference

    def is_same(self, other: Payment) -> bool:
        """Whether it is told again, not another payment under the same reference."""
        return (self.key, self.bill_no, self.amount) == (other.key, other.bill_no, other.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutBill:
    """What every order about a bill has."""

    bill_no: str
    version: int = 1

    @property
    def declaration_id(self) -> str:
        """The head it runs under: the bill's own."""
        return bill_subject(self.bill_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBill(AboutBill):
    """Order, when the month is over: tell what is due, and when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLapsed(AboutBill):
    """Order, when a bill's term is over: it is overdue if it is still to be paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayBill(AboutBill):
    """Order: a bill is paid."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectBill(AboutBill):
    """Order of an officer: an overdue bill is paid out of the guarantee."""

    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillCommitted:
    """Order, at once: put a released declaration on a bill that a release without bills has committed."""

    declaration_id: DeclarationId
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a payer gets."""

    payment: Payment
    parties: tuple[str, ...]
    recorded_at: datetime
