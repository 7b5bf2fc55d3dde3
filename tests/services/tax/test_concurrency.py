"""Concurrency: balances are exact at their limits, on real SQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.handlers import DEADLINES, SUBSCRIPTIONS, on_declarations_submitted
from services.tax.store import SqlTaxLedger
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.tax import TaxAssessed
from shared.runtime.failures import RowTaken, is_transient
from shared.runtime.timers import run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.cases import GUARANTOR, a_cancellation, a_filing, a_line, a_permit
from tests.services.tax.desks import SqlDesk, free, hear, pay
from tests.support.builders import a_declaration_submitted

BUYER = a_declaration_submitted().buyer


def filings(numbers: range, price: str) -> list[DeclarationSubmitted]:
    return [a_filing(a_line(price), number=number) for number in numbers]


async def codes(desk: SqlDesk, batch: list[DeclarationSubmitted]) -> list[str]:
    said = await hear(desk, *batch)
    return [event.gate.code for event in said if isinstance(event, TaxAssessed)]


async def test_two_hundred_parallel_filings_of_one_buyer_stop_exactly_at_the_limit(
    tax_engine: AsyncEngine,
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "100000.00")

    outcomes = await asyncio.gather(*(codes(desk, [filing]) for filing in filings(range(200), "1000.00")))

    flat = [code for batch in outcomes for code in batch]
    assert (flat.count("SECURED"), flat.count("E-LIMIT-YEAR")) == (26, 174)
    assert await desk.quota((BUYER, 2025)) == (Decimal(26000), Decimal(0))


async def test_who_writes_a_buyers_quota_second_is_undone_and_counts_both_when_tried_again(
    tax_engine: AsyncEngine,
) -> None:
    desk = SqlDesk(tax_engine)
    quick, slow = (a_filing(a_line("1000.00"), number=n, guarantor=f"AGENT0000{n}") for n in (1, 2))

    async def be_overtaken() -> None:
        async with tax_engine.begin() as connection:
            ledger = SqlTaxLedger(connection)
            balances = await ledger.lock([slow])
            await codes(desk, [quick])
            await ledger.save(balances)

    with pytest.raises(RowTaken) as second:
        await be_overtaken()
    assert await desk.quota((BUYER, 2025)) == (Decimal(1000), Decimal(0))
    await codes(desk, [slow])

    assert is_transient(second.value)
    assert await desk.quota((BUYER, 2025)) == (Decimal(2000), Decimal(0))


async def test_batches_with_crossing_buyers_and_guarantors_neither_dead_lock_nor_overdraw(
    tax_engine: AsyncEngine,
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "91.00")
    batches = [
        [
            a_filing(a_line("100.00"), number=100 * batch + place, buyer=f"buyer-{place * step % 7}")
            for place in range(7)
        ]
        for batch, step in enumerate((1, 2, 3, 4, 5, 6), start=1)
    ]

    outcomes = await asyncio.gather(*(codes(desk, batch) for batch in batches))

    flat = [code for batch in outcomes for code in batch]
    account = await desk.account(GUARANTOR)
    assert (flat.count("SECURED"), flat.count("AWAITING_PAYMENT")) == (10, 32)
    assert account is not None
    assert (account.reserved, account.free) == (Decimal(91), Decimal(0))


async def test_ends_and_filings_in_parallel_leave_what_the_living_hold(tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "100000.00")
    await hear(desk, *filings(range(20), "1000.00"))

    await asyncio.gather(
        *(hear(desk, a_permit(number)) for number in range(10)),
        *(hear(desk, a_cancellation(number)) for number in range(10, 20)),
        *(codes(desk, [filing]) for filing in filings(range(20, 26), "1000.00")),
    )

    account = await desk.account(GUARANTOR)
    assert await desk.quota((BUYER, 2025)) == (Decimal(6000), Decimal(10000))
    assert account is not None
    assert (account.reserved, account.due) == (Decimal(546), Decimal(910))


async def test_waking_while_deadlines_run_neither_dead_locks_nor_forgets_anyone(
    tax_engine: AsyncEngine,
) -> None:
    desk = SqlDesk(tax_engine)
    work = UnitOfWork(service="tax", engine=tax_engine, store=SqlTaxLedger, subscriptions=SUBSCRIPTIONS)
    now = datetime.now(UTC)
    await pay(desk, "91.00")
    held = [a_filing(a_line("100.00"), number=number, buyer=f"b{number}") for number in range(10)]
    waits = [a_filing(a_line("100.00"), number=number, buyer=f"b{number}") for number in range(10, 30)]
    await desk.run(on_declarations_submitted, held + waits, now)
    await pay(desk, "45.50", "BANK-2")

    async def run_deadlines() -> None:
        for _ in range(40):
            await run_due(work, DEADLINES)

    await asyncio.gather(run_deadlines(), *(hear(desk, a_cancellation(number)) for number in range(10)))
    await run_due(work, DEADLINES)

    statuses = [(await desk.kept(number))[-1].holding.status for number in range(10, 30)]
    assert statuses == ["SECURED"] * 15 + ["WAITING"] * 5
    assert await free(desk) == 0


@pytest.mark.parametrize(
    "breach",
    [
        "update accounts set reserved = balance + 1",
        "update accounts set due = -1",
        "update quotas set reserved = -0.01",
        "update assessments set guarantee_held = tax_total + 1",
        "update deposits set amount = 0",
    ],
)
async def test_the_database_itself_refuses_balances_that_do_not_add_up(
    tax_engine: AsyncEngine, breach: str
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "100.00")
    await hear(desk, *filings(range(1), "100.00"))

    with pytest.raises(IntegrityError, match="violates check constraint"):
        async with tax_engine.begin() as connection:
            await connection.execute(sa.text(breach))
