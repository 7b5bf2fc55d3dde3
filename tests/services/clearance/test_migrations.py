"""Migrations: what was kept before is counted as what is kept since."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from services.clearance.store import SqlCaseBook
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from tests.conftest import MakeDatabase
from tests.services.clearance.words import all_pass, an_amendment, customs, logistics, tax, tell
from tests.support.builders import a_declaration_id
from tests.support.migrated import migrations_before
from tests.support.toy import rows

STORAGE = """select array_to_string(reloptions, ' ') from pg_class join pg_inherits on inhrelid = oid
             where inhparent = 'cases'::regclass order by relname"""
"""Options of each month of cases, and of the rest."""


async def test_cases_of_before_are_counted_by_the_gates_that_let_them_pass(
    make_database: MakeDatabase,
) -> None:
    database = await make_database("clearance")
    await migrate("clearance", database.owner_url)
    engine = open_engine(database.owner_url, pool_size=1, name="test")
    one, two, unfiled, amended = (a_declaration_id(number) for number in (1, 2, 3, 4))
    async with engine.begin() as connection:
        book = SqlCaseBook(connection)
        await tell(book, all_pass(declaration_id=one))
        await tell(book, [customs(declaration_id=two), logistics("HELD", declaration_id=two)])
        await tell(book, [tax(declaration_id=unfiled)])
        await tell(book, [customs(declaration_id=amended), an_amendment(declaration_id=amended)])
        counted = await book.tally()
        await connection.execute(sa.text("delete from tallies where name like 'passed.%'"))
        await connection.execute(sa.text("drop table returns"))
        await connection.execute(sa.text("update alembic_version set version_num = '0001'"))

    await migrate("clearance", database.owner_url)

    async with engine.connect() as connection:
        assert await SqlCaseBook(connection).tally() == counted
    assert counted["passed.customs"] == 2
    await engine.dispose()


async def test_pages_of_cases_are_filled_also_in_months_that_were_laid_before(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    database = await make_database("clearance")
    await migrate("clearance", database.owner_url, migrations_before("clearance", "0005", tmp_path))
    engine = open_engine(database.owner_url, pool_size=1, name="test")
    kept = await rows(engine, STORAGE)

    await migrate("clearance", database.owner_url)

    assert len(kept) > 1
    assert kept == [("fillfactor=40 toast_tuple_target=8160",)] * len(kept)
    assert await rows(engine, STORAGE) == [("toast_tuple_target=8160 fillfactor=100",)] * len(kept)
    await engine.dispose()
