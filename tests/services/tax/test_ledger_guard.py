"""The database keeps the ledger true by itself, and keeps it for a release that does not."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.handlers import DEADLINES
from shared.runtime.timers import run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.billed import TAX, issue, release, settle
from tests.services.tax.cases import GUARANTOR, a_filing, a_line, an_id
from tests.services.tax.desks import SqlDesk, hear, pay

ENTRY = (
    "insert into entries (party, seq, kind, debit, credit, amount, reference, bank, due, unsecured, guarantee, "
    "refundable, levied) values ('AGENT00001', {seq}, {move}, 5, 'x', {after})"
)
DEPOSIT = "'DEPOSIT', 'bank', 'guarantee'"
PAID = "1005.00, 9.10, 0, 1005.00, 0, 9.10"


async def execute(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("breach", "why"),
    [
        ("update entries set amount = amount + 1", "entries only grows"),
        ("delete from entries", "entries only grows"),
        ("update bill_items set value_added_tax = 0", "bill_items_rest only grows"),
        ("delete from bill_items", "bill_items_rest only grows"),
        ("update accounts set due = due + 1, entries = entries", "is not what its ledger says"),
        ("update accounts set due = 0, entries = entries", "is not what its ledger says"),
        ("update accounts set levied = 0, entries = entries", "is not what its ledger says"),
        ("update accounts set entries = entries + 1", "is not what its ledger says"),
        ("update accounts set balance = balance - 1", "lost money without an entry"),
        ("update accounts set due = due - 1", "lost money without an entry"),
        (ENTRY.format(seq=3, move=DEPOSIT, after=PAID), "is not what its ledger says"),
        (ENTRY.format(seq=4, move=DEPOSIT, after=PAID), "does not follow the one before"),
        (ENTRY.format(seq=3, move=DEPOSIT, after="1006, 9.10, 0, 1006, 0, 9.10"), "does not follow"),
        (ENTRY.format(seq=3, move=DEPOSIT, after="1005, 9.10, 0, 1000, 0, 9.10"), "entries_balance"),
        (ENTRY.format(seq=3, move="'DEPOSIT', 'bank', 'levied'", after=PAID), "entries_are_moves"),
        (ENTRY.format(seq=2, move=DEPOSIT, after=PAID), "entries_pkey"),
        ("update bills set status = 'PAID'", "bills_go_forward"),
        ("update bills set secured = 9.11", "bills_add_up"),
        ("update bills set value_added_tax = -1, secured = 0", "bills_add_up"),
    ],
)
async def test_the_database_refuses_a_ledger_that_does_not_add_up_or_is_altered(
    tax_engine: AsyncEngine, breach: str, why: str
) -> None:
    await release(SqlDesk(tax_engine), 1)

    with pytest.raises(IntegrityError, match=why):
        await execute(tax_engine, breach)


async def test_a_receipt_stays_as_it_was_given(tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await release(desk, 1)
    await issue(desk)
    await settle(desk, "9.10")

    for breach in ("update payments set amount = 1", "delete from payments"):
        with pytest.raises(IntegrityError, match="payments only grows"):
            await execute(tax_engine, breach)


async def test_what_a_release_without_a_ledger_moves_is_written_down_and_billed(
    tax_engine: AsyncEngine, work: UnitOfWork
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "100.00")
    await hear(desk, a_filing(a_line("100.00")))
    await execute(
        tax_engine, "update assessments set customs_duty = null, consumption_tax = null, declarant = null"
    )

    await execute(
        tax_engine,
        "update accounts set balance = balance + 50",
        "update accounts set reserved = reserved - 9.10, due = due + 9.10",
        "update assessments set status = 'COMMITTED'",
    )
    await run_due(work, DEADLINES)

    entries = await desk.ledger_of(GUARANTOR)
    assert [(each.move.kind, each.amount, each.reference) for each in entries] == [
        ("DEPOSIT", 100, "BANK-1"),
        ("DEPOSIT", 50, "carried"),
        ("RELEASE", TAX, "carried"),
    ]
    (item,) = await desk.items_of((await desk.kept(1))[-1].holding.bill_no)
    assert (item.declaration_id, item.taxes.total, item.entry) == (an_id(1), TAX, 0)
    await pay(desk, "1.00", "BANK-2")
    account = await desk.account(GUARANTOR)
    assert account is not None
    assert (account.balance, account.due, account.entries) == (Decimal(151), TAX, 4)


async def test_parallel_payments_releases_and_deposits_leave_one_true_ledger(tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await release(desk, *range(1, 21))
    await issue(desk)

    await asyncio.gather(
        settle(desk, "182.00"),
        settle(desk, "182.00"),
        *(pay(desk, "1.00", f"BANK-{place}") for place in range(100, 110)),
        *(release(desk, number) for number in range(21, 41)),
    )

    entries, account = await desk.ledger_of(GUARANTOR), await desk.account(GUARANTOR)
    assert account is not None
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert dict(entries[-1].after) == account.books
    assert account.books == {
        "bank": Decimal("1192.00"),
        "due": 20 * TAX,
        "unsecured": 0,
        "guarantee": 1010,
        "refundable": 0,
        "levied": 40 * TAX,
    }
