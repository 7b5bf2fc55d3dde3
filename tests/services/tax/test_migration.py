"""Migration: what was there before the ledger is carried into it, and billed."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from services.tax.handlers import DEADLINES, SUBSCRIPTIONS
from services.tax.rows import assessment_row
from services.tax.store import SqlTaxLedger
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.timers import run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.services.tax.billed import TAX
from tests.services.tax.cases import GUARANTOR, a_filing, a_line, an_id, assessed
from tests.services.tax.desks import SqlDesk, pay
from tests.support.migrated import migrations_before

ROWS = (
    "insert into accounts (party, balance, reserved, due) values ('AGENT00001', 1000, 9.10, 9.10)",
    "insert into accounts (party) values ('SELLER0001')",
)
ASSESSED = sa.text(
    """insert into assessments (declaration_id, version, parties, buyer, guarantor, filed_at, status, tax_total,
           quota_held, guarantee_held, rule_set, working)
       values (:id, 1, '{AGENT00001}', :buyer, 'AGENT00001', now(), :status, 9.10, 100, :secured, :rules, :working)"""
)


async def test_balances_are_carried_and_releases_are_billed(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    database = await make_database("tax")
    await migrate("tax", database.owner_url, migrations_before("tax", "0002", tmp_path))
    engine = open_engine(database.url, pool_size=4, name="tax")
    async with engine.begin() as connection:
        for statement in ROWS:
            await connection.execute(sa.text(statement))
        for number, status, secured in ((1, "COMMITTED", TAX), (2, "SECURED", TAX), (3, "COMMITTED", 0)):
            kept = {"id": an_id(number), "buyer": f"b{number}", "status": status, "secured": secured}
            await connection.execute(ASSESSED, {**kept, "rules": "CN-CBEC-2019-01-01", "working": working()})

    await migrate("tax", database.owner_url)
    work = UnitOfWork(service="tax", engine=engine, store=SqlTaxLedger, subscriptions=SUBSCRIPTIONS)
    await run_due(work, DEADLINES)

    desk = SqlDesk(engine)
    items = await desk.items_of((await desk.kept(1))[-1].holding.bill_no)
    assert [(item.declaration_id, item.taxes.total, item.is_secured) for item in items] == [
        (an_id(1), TAX, True),
        (an_id(3), TAX, False),
    ]
    assert [(each.move.kind, each.move.debit, each.amount) for each in await desk.ledger_of(GUARANTOR)] == [
        ("DEPOSIT", "bank", 1000),
        ("RELEASE", "due", TAX),
        ("RELEASE", "unsecured", TAX),
    ]
    await pay(desk, "1.00")
    await engine.dispose()


def working() -> bytes:
    """What an assessment of 9.10 kept."""
    kept: bytes = assessment_row(assessed(a_filing(a_line("100.00"))))["working"]
    return kept
