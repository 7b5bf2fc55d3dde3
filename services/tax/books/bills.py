"""Bills: what a declarant owes for a month.

Every released declaration is an item; the items of one declarant, secured by one guarantor, are one bill for each
calendar month in China (CEB816: item generated, then aggregated under the bill's number, or void). A bill is open
while its month runs, then issued with the day it is due, then paid as a whole. What is released after a bill was
issued goes to a further bill of that month. Amounts in CNY.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from services.tax.law.calendar import SHANGHAI
from services.tax.taxes import NOTHING, Taxes, sum_of
from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO

BillStatus = Literal["OPEN", "ISSUED", "PAID"]
ItemKind = Literal["TAX", "VOID", "REFUND"]
"""TAX: owed at release. VOID: given back before the bill was paid. REFUND: given back after."""
BillKey = tuple[str, str, str]
"""Declarant, guarantor, month."""
BILL_NO = re.compile(r"B[12][0-9]{3}(0[1-9]|1[0-2])-[A-Za-z0-9]{1,20}-[A-Za-z0-9]{1,20}-[0-9]{1,6}")
MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
LATE_BILL = timedelta(days=1)
"""How long a bill stays open that is begun when its month is over already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the office has set and no text of law here says."""

    payment: timedelta = timedelta(days=15)
    """From the issue of a bill to the day it is due (TAX_BILL_TERM_DAYS)."""


def terms_of(environment: Mapping[str, str]) -> Terms:
    """As the office has set them; a term is 1 to 366 days."""
    days = environment.get("TAX_BILL_TERM_DAYS", "15")
    if not days.isascii() or not days.isdigit() or not 1 <= int(days) <= 366:
        raise ValueError(f"TAX_BILL_TERM_DAYS is {days!r}: it must be a number of days, 1 to 366")
    return Terms(payment=timedelta(days=int(days)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BillItem:
    """What one declaration adds to a bill, or takes off it."""

    declaration_id: DeclarationId
    version: int
    bill_no: str
    kind: ItemKind
    taxes: Taxes
    is_secured: bool
    """Whether the guarantee account secures it; not so under a waiver."""
    party: str
    """Whose ledger has the entry."""
    entry: int
    """Its number there; 0: the amount was carried over when the ledger was begun, or there is nothing to pay."""

    @property
    def tax_no(self) -> str:
        """The number of the declaration's own tax bill."""
        return f"T{self.declaration_id.replace('-', '').upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One bill as it stands."""

    declarant: str
    guarantor: str
    month: str
    """E.g. 2025-11."""
    number: int
    """1, or more where items came after the bill before was issued."""
    closes_at: datetime
    """When it is issued."""
    status: BillStatus = "OPEN"
    taxes: Taxes = NOTHING
    """Owed, less what was given back before payment."""
    secured: Decimal = ZERO
    """Of it, what the guarantee account secures."""
    refunded: Decimal = ZERO
    """Given back after payment."""
    items: int = 0
    """Declarations on it."""
    issued_at: datetime | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    paid_at: datetime | None = None

    @property
    def key(self) -> BillKey:
        """Whose it is, and of which month."""
        return self.declarant, self.guarantor, self.month

    @property
    def bill_no(self) -> str:
        """The number that it is known by."""
        return f"B{self.month.replace('-', '')}-{self.declarant}-{self.guarantor}-{self.number}"

    @property
    def parties(self) -> tuple[str, ...]:
        """Who may read it."""
        return tuple(sorted({self.declarant, self.guarantor}))

    @property
    def total(self) -> Decimal:
        """Of all taxes."""
        return self.taxes.total

    @property
    def is_payable(self) -> bool:
        """Whether money is awaited for it."""
        return self.status == "ISSUED" and self.total > 0

    def adding(self, items: Sequence[BillItem]) -> Bill:
        """With some declarations more."""
        secured = sum((item.taxes.total for item in items if item.is_secured), self.secured)
        taxes = sum_of((self.taxes, *(item.taxes for item in items)))
        return replace(self, taxes=taxes, secured=secured, items=self.items + len(items))

    def reduced(self, item: BillItem) -> Bill:
        """With less to pay."""
        secured = item.taxes.total if item.is_secured else ZERO
        return replace(self, taxes=self.taxes.less(item.taxes), secured=self.secured - secured)


def month_of(moment: datetime) -> str:
    """The calendar month of a moment in China, e.g. 2025-11."""
    day = moment.astimezone(SHANGHAI)
    return f"{day.year:04}-{day.month:02}"


def end_of(month: str) -> datetime:
    """The first moment after a month in China."""
    year, number = int(month[:4]), int(month[5:])
    first = date(year + number // 12, number % 12 + 1, 1)
    return datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)


def begin_bill(key: BillKey, number: int, now: datetime) -> Bill:
    """A bill without items; it closes with its month, or a day from now where that is over."""
    declarant, guarantor, month = key
    end = end_of(month)
    closes_at = end if now < end else now + LATE_BILL
    return Bill(declarant=declarant, guarantor=guarantor, month=month, number=number, closes_at=closes_at)
