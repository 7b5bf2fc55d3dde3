"""What tax says: assessed, secured, refused, voided, committed; and of bills: issued, paid, overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from shared.contracts.envelope import BillEvent, Event
from shared.kernel.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """Tax of one line, CNY, rounded per tax."""

    line_no: int
    dutiable_value: Decimal
    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxAssessed(Event):
    """A version is assessed. The gate is PASSED (secured), HELD (AWAITING_PAYMENT) or REFUSED."""

    gate: Gate
    rule_set: str
    """Name and version of the rule set, e.g. CN-CBEC-2019-01-01."""
    dutiable_value: Decimal
    tax_total: Decimal
    lines: tuple[LineTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSecured(Event):
    """A version that waited for payment is secured now."""

    gate: Gate
    tax_total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRefused(Event):
    """A held version is refused: the payment did not come, or an officer said no."""

    gate: Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxVoided(Event):
    """The declaration ended without a permit: quota and guarantee are given back."""

    quota_returned: Decimal
    guarantee_returned: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCommitted(Event):
    """The permit is issued: the quota is used, the tax is due from the guarantor."""

    tax_total: Decimal
    quota_used: Decimal
    bill_no: str = ""
    """The bill that the tax goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillIssued(BillEvent):
    """A declarant's month is over: what is due for its released declarations, and when. CNY."""

    declarant: str
    guarantor: str
    month: str
    """In China, e.g. 2025-11."""
    items: int
    """Declarations on it."""
    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal
    total: Decimal
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillPaid(BillEvent):
    """A bill is paid as a whole; what secured it has come free, or was collected."""

    amount: Decimal
    method: Literal["BANK", "PROVIDER", "GUARANTEE"]
    receipt_no: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BillOverdue(BillEvent):
    """The term of a bill is over, and it is not paid."""

    amount: Decimal
    due_at: datetime
