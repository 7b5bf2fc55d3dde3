"""The auditor's own tables are those of the services."""

from __future__ import annotations

import sqlalchemy as sa

from audit.hearing import HEARS
from audit.quota import year_limits
from audit.rows import TABLES
from audit.topics import partition_of
from services.clearance import store as clearance
from services.clearance.handlers import SUBSCRIPTIONS as CLEARANCE
from services.declaration import tables as declaration
from services.declaration.handlers import SUBSCRIPTIONS as DECLARATION
from services.logistics import store as logistics
from services.logistics.handlers import SUBSCRIPTIONS as LOGISTICS
from services.quarantine.handlers import SUBSCRIPTIONS as QUARANTINE
from services.tax.books import tables as bill_tables
from services.tax.handlers import SUBSCRIPTIONS as TAX
from services.tax.law.force import law
from shared.contracts.topics import source_of
from shared.runtime import bus, tables
from tests.support.builders import a_declaration_id

ROOMS = {
    "declaration": DECLARATION,
    "tax": TAX,
    "quarantine": QUARANTINE,
    "logistics": LOGISTICS,
    "clearance": CLEARANCE,
}
KNOWN: dict[str, sa.Table] = {
    table.name: table
    for metadata in (
        tables.METADATA,
        declaration.METADATA,
        bill_tables.bills.metadata,
        logistics.tables,
        clearance.METADATA,
    )
    for table in metadata.sorted_tables
}


def test_the_auditor_knows_who_hears_whom() -> None:
    heard = {name: {source_of(kind) for kind in subscriptions} for name, subscriptions in ROOMS.items()}

    assert {name: set(sources) for name, sources in HEARS.items()} == heard


def test_the_auditor_reads_each_table_by_the_first_column_of_its_key() -> None:
    keys = {table.name: next(iter(KNOWN[table.name].primary_key.columns)).name for table in TABLES}

    assert {table.name: table.key for table in TABLES} == keys


def test_the_auditor_reads_only_columns_that_there_are() -> None:
    asked = {
        (table.name, column.strip().partition("::")[0])
        for table in TABLES
        for column in table.columns.split(",")
    }

    assert {(name, column) for name, column in asked if column not in KNOWN[name].columns} == set()


def test_the_auditor_puts_a_key_where_the_bus_does() -> None:
    ids = [a_declaration_id(number) for number in range(100)]

    assert [partition_of(each) for each in ids] == [bus.partition_of(each) for each in ids]


def test_the_auditor_reads_the_limits_that_are_in_force() -> None:
    assert year_limits() == {
        rules.name: rules.year_limit for rules in law().rule_sets if rules.year_limit.is_finite()
    }
