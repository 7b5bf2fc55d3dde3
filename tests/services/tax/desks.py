"""Desks: the tax handlers over the fake, and over real SQL, asked in the same words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.tax.assessment import KeptAssessment
from services.tax.books.bills import Bill, BillItem
from services.tax.books.entries import Entry
from services.tax.books.guarantee import Account, GuaranteeFreed
from services.tax.books.reading import SqlBillReading
from services.tax.handlers import DEADLINES, SUBSCRIPTIONS, Handler, on_deposits_made, on_guarantees_freed
from services.tax.ports import TaxLedger
from services.tax.quota import QuotaKey
from services.tax.store import SqlTaxLedger
from services.tax.taxes import Taxes
from services.tax.waking import wake
from shared.contracts.envelope import Event
from shared.runtime.tables import reviews, timers
from shared.runtime.timers import BATCH, run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.cases import GUARANTOR, a_deposit, an_id
from tests.support.builders import NOW
from tests.support.memory_tax import MemoryTaxLedger


class Desk(Protocol):
    """A tax room without its runtime: one transaction a batch."""

    async def run(self, handler: Handler, batch: Sequence[Any], now: datetime = NOW) -> list[Event]:
        """What a handler makes of a batch."""

    async def account(self, party: str) -> Account | None:
        """An account as it stands."""

    async def quota(self, key: QuotaKey) -> tuple[Decimal, Decimal]:
        """Reserved and used."""

    async def kept(self, number: int) -> list[KeptAssessment]:
        """Every version of a declaration."""

    async def bill(self, bill_no: str) -> Bill | None:
        """A bill as it stands."""

    async def ledger_of(self, party: str) -> list[Entry]:
        """A party's entries, oldest first."""

    async def items_of(self, bill_no: str) -> list[BillItem]:
        """A bill's items, by declaration."""

    async def refund(self, number: int, back: Taxes, quota: Decimal) -> BillItem | None:
        """Something of a released declaration is given back."""

    async def open_reviews(self) -> set[str]:
        """Declarations in the officers' queue."""

    async def deadlines(self) -> dict[tuple[str, str], datetime]:
        """When each kind of order is due, by kind and declaration."""

    async def run_freed(self) -> None:
        """A batch of those whose guarantee came free is looked at, as the timers do it."""


async def hear(desk: Desk, *events: Any) -> list[Event]:
    """Events or orders of one type, as one batch."""
    handler = {**SUBSCRIPTIONS, **DEADLINES}[type(events[0])]
    return await desk.run(handler, events)


async def pay(desk: Desk, amount: str, reference: str = "BANK-1") -> None:
    """A deposit on the usual account."""
    await desk.run(on_deposits_made, [a_deposit(amount, reference)])


async def free(desk: Desk) -> Decimal:
    """What the usual account has free."""
    account = await desk.account(GUARANTOR)
    return account.free if account else Decimal(0)


async def standing(desk: Desk, number: int = 1) -> tuple[str, Decimal, Decimal]:
    """Status of the latest version, and the quota and guarantee it holds."""
    holding = (await desk.kept(number))[-1].holding
    return holding.status, holding.quota_held, holding.guarantee_held


async def refund(ledger: TaxLedger, number: int, back: Taxes, quota: Decimal) -> BillItem | None:
    """As a handler of returns does it."""
    balances = await ledger.lock_billed([an_id(number)])
    noted = balances.refund(balances.holdings[an_id(number)], back, quota)
    await ledger.save(balances)
    await wake(balances, ledger, NOW)
    return noted


class MemoryDesk:
    """Over the fake."""

    def __init__(self) -> None:
        self.ledger = MemoryTaxLedger()

    async def run(self, handler: Handler, batch: Sequence[Any], now: datetime = NOW) -> list[Event]:
        return await handler(batch, self.ledger, now)

    async def account(self, party: str) -> Account | None:
        return await self.ledger.account_of(party)

    async def quota(self, key: QuotaKey) -> tuple[Decimal, Decimal]:
        return self.ledger.quotas[key].reserved, self.ledger.quotas[key].used

    async def kept(self, number: int) -> list[KeptAssessment]:
        return await self.ledger.versions_of(an_id(number))

    async def bill(self, bill_no: str) -> Bill | None:
        return self.ledger.bills.get(bill_no)

    async def ledger_of(self, party: str) -> list[Entry]:
        return [entry for key, entry in sorted(self.ledger.entries.items()) if key[0] == party]

    async def items_of(self, bill_no: str) -> list[BillItem]:
        return [item for _, item in sorted(self.ledger.items.items()) if item.bill_no == bill_no]

    async def refund(self, number: int, back: Taxes, quota: Decimal) -> BillItem | None:
        return await refund(self.ledger, number, back, quota)

    async def open_reviews(self) -> set[str]:
        return set(self.ledger.reviews)

    async def deadlines(self) -> dict[tuple[str, str], datetime]:
        due = self.ledger.deadlines.items()
        return {(type(order).__name__, order.declaration_id): due_at for order, due_at in due}

    async def run_freed(self) -> None:
        orders = [order for order in self.ledger.deadlines if isinstance(order, GuaranteeFreed)][:BATCH]
        for order in orders:
            del self.ledger.deadlines[order]
        await self.run(on_guarantees_freed, orders)


class SqlDesk:
    """Over a real PostgreSQL; as many at once as there are connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._turns = asyncio.Semaphore(8)

    async def run(self, handler: Handler, batch: Sequence[Any], now: datetime = NOW) -> list[Event]:
        async with self._turns, self.engine.begin() as connection:
            return await handler(batch, SqlTaxLedger(connection), now)

    async def account(self, party: str) -> Account | None:
        async with self.engine.connect() as connection:
            return await SqlTaxLedger(connection).account_of(party)

    async def quota(self, key: QuotaKey) -> tuple[Decimal, Decimal]:
        asked = sa.text("select reserved, used from quotas where buyer = :buyer and year = :year")
        async with self.engine.connect() as connection:
            row = (await connection.execute(asked, {"buyer": key[0], "year": key[1]})).one()
        return row.reserved, row.used

    async def kept(self, number: int) -> list[KeptAssessment]:
        async with self.engine.connect() as connection:
            return await SqlTaxLedger(connection).versions_of(an_id(number))

    async def bill(self, bill_no: str) -> Bill | None:
        async with self.engine.connect() as connection:
            return await SqlBillReading(connection).bill(bill_no)

    async def ledger_of(self, party: str) -> list[Entry]:
        async with self.engine.connect() as connection:
            return (await SqlBillReading(connection).entries_of(party, None, 1000))[::-1]

    async def items_of(self, bill_no: str) -> list[BillItem]:
        async with self.engine.connect() as connection:
            return await SqlBillReading(connection).items_of(bill_no, None, 1000)

    async def refund(self, number: int, back: Taxes, quota: Decimal) -> BillItem | None:
        async with self.engine.begin() as connection:
            return await refund(SqlTaxLedger(connection), number, back, quota)

    async def open_reviews(self) -> set[str]:
        async with self.engine.connect() as connection:
            return set(await _column(connection, reviews.c.declaration_id))

    async def deadlines(self) -> dict[tuple[str, str], datetime]:
        asked = sa.select(timers.c.command, timers.c.subject_id, timers.c.due_at)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(asked)).all()
        return {(command, subject): due_at for command, subject, due_at in rows}

    async def run_freed(self) -> None:
        work = UnitOfWork(service="tax", engine=self.engine, store=SqlTaxLedger, subscriptions=SUBSCRIPTIONS)
        await run_due(work, {GuaranteeFreed: on_guarantees_freed})


async def _column(connection: AsyncConnection, column: sa.Column[Any]) -> Sequence[Any]:
    return (await connection.execute(sa.select(column))).scalars().all()
