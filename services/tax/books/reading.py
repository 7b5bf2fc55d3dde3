"""Bill reading: what the door asks of ledger and bills; nothing is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.tax.books.bills import Bill, BillItem
from services.tax.books.entries import Entry
from services.tax.books.payments import Receipt
from services.tax.books.rows import read_bill, read_entry, read_item, read_receipt
from services.tax.books.tables import bill_items, bills, entries, payments

Shown = Literal["OPEN", "ISSUED", "OVERDUE", "PAID", "VOID"]
"""A bill's status as it is shown: OVERDUE and VOID are issued bills, late or with nothing left to pay."""
_TOTAL = bills.c.customs_duty + bills.c.consumption_tax + bills.c.value_added_tax
_ISSUED = bills.c.status == "ISSUED"
_SHOWN: dict[Shown, sa.ColumnElement[bool]] = {
    "OPEN": bills.c.status == "OPEN",
    "ISSUED": sa.and_(_ISSUED, _TOTAL > 0, bills.c.overdue_at.is_(None)),
    "OVERDUE": sa.and_(_ISSUED, _TOTAL > 0, bills.c.overdue_at.is_not(None)),
    "PAID": bills.c.status == "PAID",
    "VOID": sa.and_(_ISSUED, _TOTAL == 0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which bills: each that is empty asks for all."""

    declarant: str | None = None
    party: str | None = None
    """Declares or secures them."""
    month: str | None = None
    status: Shown | None = None
    reader: str = ""
    """A party that sees only its own."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """As SQL."""
        given = [
            bills.c.declarant == self.declarant if self.declarant else None,
            bills.c.month == self.month if self.month else None,
            _SHOWN[self.status] if self.status else None,
            _of(self.party) if self.party else None,
            _of(self.reader) if self.reader else None,
        ]
        return [condition for condition in given if condition is not None]


def _of(party: str) -> sa.ColumnElement[bool]:
    """Whether a party declares or secures a bill."""
    return sa.or_(bills.c.declarant == party, bills.c.guarantor == party)


class SqlBillReading:
    """Questions to ledger and bills, bound to one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def entries_of(self, party: str, before: int | None, limit: int) -> list[Entry]:
        """A page of a party's ledger, newest first, before a number."""
        asked = sa.select(entries).where(entries.c.party == party)
        if before is not None:
            asked = asked.where(entries.c.seq < before)
        return [
            read_entry(row) for row in await self._rows(asked.order_by(entries.c.seq.desc()).limit(limit))
        ]

    async def bills(self, wanted: Wanted, before: str | None, limit: int) -> list[Bill]:
        """A page of bills, newest month first, before a number."""
        asked = sa.select(bills).where(*wanted.conditions())
        if before is not None:
            asked = asked.where(bills.c.bill_no < before)
        return [
            read_bill(row) for row in await self._rows(asked.order_by(bills.c.bill_no.desc()).limit(limit))
        ]

    async def bill(self, bill_no: str) -> Bill | None:
        """One bill."""
        rows = await self._rows(sa.select(bills).where(bills.c.bill_no == bill_no))
        return read_bill(rows[0]) if rows else None

    async def items_of(self, bill_no: str, after: tuple[str, int, str] | None, limit: int) -> list[BillItem]:
        """A page of a bill's items, in the order of their declarations."""
        place = sa.tuple_(bill_items.c.declaration_id, bill_items.c.entry, bill_items.c.kind)
        asked = sa.select(bill_items).where(bill_items.c.bill_no == bill_no)
        if after is not None:
            declaration_id, entry, kind = after
            asked = asked.where(
                place > sa.tuple_(sa.cast(declaration_id, sa.Uuid(as_uuid=False)), entry, kind)
            )
        return [read_item(row) for row in await self._rows(asked.order_by(*place.clauses).limit(limit))]

    async def receipt_for(self, bill_no: str) -> Receipt | None:
        """What the payment of a bill was answered with."""
        rows = await self._rows(sa.select(payments).where(payments.c.bill_no == bill_no))
        return read_receipt(rows[0]) if rows else None

    async def _rows(self, asked: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        found: Sequence[sa.RowMapping] = (await self.connection.execute(asked)).mappings().all()
        return found
