"""Laws: a room on an empty database, what it ends up with, and a crash at any statement.

What a run leaves behind is compared without what differs from run to run by nature: moments, running numbers,
hashes over them, which connection a tally was counted on, and of which batch an entry of the ledger is.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.books.guarantee import Deposit, MakeDeposit
from shared.contracts.topics import NAMES
from shared.runtime.bus import Message
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.unit_of_work import UnitOfWork
from shared.runtime.waves import Said
from tests.conftest import MakeDatabase
from tests.support.statements import before_every_statement

STORES = {
    "tax": "SqlTaxLedger",
    "quarantine": "SqlQuarantine",
    "logistics": "SqlConsignments",
    "clearance": "SqlCaseBook",
    "declaration": "SqlDeclarations",
}
_BY_NATURE = re.compile(r"\d{4}-\d\d-\d\d[T ][0-9:.]+(Z|[+-]\d\d:?\d\d)?|SW\d{9,}|[0-9a-f]{64}")
_CUT_BY_BATCH = {
    "tallies": "select name, sum(n) from tallies group by name having sum(n) <> 0",
    "entries": """select party, kind, debit, credit, reference, sum(amount) from entries
                  group by party, kind, debit, credit, reference""",
    "bill_items": "select to_jsonb(bill_items) - 'entry' as item from bill_items",
    "accounts": "select to_jsonb(accounts) - 'entries' as account from accounts",
}
"""A ledger has one entry a transaction: what is compared is what they come to."""
_TABLES = sa.text(
    """select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
       where relkind in ('r', 'p') and not relispartition and relname not in ('alembic_version', 'facts', 'heads')"""
)


class Crash(BaseException):
    """The process dies here."""


@asynccontextmanager
async def a_room(service: str, make_database: MakeDatabase) -> AsyncIterator[UnitOfWork]:
    """The unit of work of a service on an empty, migrated database."""
    database = await make_database(service)
    await migrate(service, database.owner_url)
    engine = open_engine(database.url, pool_size=4, name=service)
    handlers = importlib.import_module(f"services.{service}.handlers")
    store = getattr(importlib.import_module(f"services.{service}.store"), STORES[service])
    reads = getattr(handlers, "READS", {})
    work = UnitOfWork(
        service=service, engine=engine, store=store, subscriptions=handlers.SUBSCRIPTIONS, reads=reads
    )
    if service == "tax":
        paid = Deposit(party="AGENT00001", amount=Decimal("9000.00"), reference="enough", made_by="bank")
        await work.command(handlers.on_deposits_made, MakeDeposit(deposit=paid))
    try:
        yield work
    finally:
        await engine.dispose()


async def hear(work: UnitOfWork, messages: Sequence[Message]) -> Said:
    """What a consumer does with one poll."""
    return await work.run(messages)


def spoken(said: Said) -> set[tuple[str, int, str]]:
    """What was said, by id and content."""
    return {(fact.subject, fact.seq, plain(fact.body)) for fact, _ in said}


async def left_behind(engine: AsyncEngine) -> dict[str, list[str]]:
    """Every table's rows, the runtime's heads and facts too, without what differs by nature."""
    async with engine.connect() as connection:
        names = [row[0] for row in (await connection.execute(_TABLES)).all()]
        left = {
            name: await _rows(connection, _CUT_BY_BATCH.get(name, f"select * from {name}")) for name in names
        }
        left["facts"] = await _rows(
            connection, "select subject_id, seq, version, type, body, cause_source, cause_seq from facts"
        )
        heard = ", ".join(f"heard_{source}" for source in {name.partition(".")[0] for name in NAMES.values()})
        left["heads"] = await _rows(
            connection, f"select subject_id, next_seq, version, closed_through, waiting, {heard} from heads"
        )
    return left


async def _rows(connection: Any, query: str) -> list[str]:
    found = (await connection.execute(sa.text(query))).mappings().all()
    return sorted(json.dumps({name: plain(value) for name, value in row.items()}) for row in found)


def plain(value: Any) -> str:
    """A value as text, without what differs by nature."""
    return _BY_NATURE.sub("~", value.decode() if isinstance(value, bytes) else str(value))


@contextmanager
def crash_at(engine: AsyncEngine, statement: int) -> Iterator[list[str]]:
    """Die before the n-th statement, COPY too; gives the statements that were run."""
    ran: list[str] = []

    def count(text: str) -> None:
        if len(ran) == statement:
            raise Crash(text)
        ran.append(text)

    with before_every_statement(engine, count):
        yield ran
