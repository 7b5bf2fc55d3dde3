"""Schema: what a migration needs to lay tables, partitioned where they grow.

Tables that grow per declaration are range-partitioned by its UUIDv7, a month a partition, so that old data
leaves by partition. What belongs to no month (a party's UUID) lies in the default partition.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.runtime import tables

WHOLE_ROW = 8160
"""Bytes up to which a row stays in its page as it is: by default whatever is over 2 KB is squeezed, 50-100 us."""


def create_table(table: sa.Table, *, fillfactor: int = 100) -> None:
    """An ordinary table with its indexes, from its Core definition."""
    op.execute(CreateTable(table))
    op.execute(f"alter table {table.name} set (fillfactor = {fillfactor})")
    create_indexes(table)


def create_partitioned(table: sa.Table, *, fillfactor: int = 100) -> None:
    """A table range-partitioned by the first column of its primary key, with a default partition.

    Rows that are updated want a low fillfactor: the new version then stays in its page, and no index is touched.
    Every later partition takes over the storage options of the default one.
    """
    key = next(iter(table.primary_key.columns)).name
    ddl = str(CreateTable(table).compile(dialect=op.get_bind().dialect)).rstrip()
    op.execute(f"{ddl} partition by range ({key})")
    op.execute(f"create table {table.name}_rest partition of {table.name} default")
    options = f"fillfactor = {fillfactor}, toast_tuple_target = {WHOLE_ROW}"
    op.execute(f"alter table {table.name}_rest set ({options})")
    create_indexes(table)


def set_fillfactor(table: sa.Table, fillfactor: int) -> None:
    """How full the pages of a partitioned table get from here on, also those of the months that are laid already."""
    parts = sa.text(
        "select inhrelid::regclass::text from pg_inherits where inhparent = cast(:of as regclass)"
    )
    for part in op.get_bind().execute(parts, {"of": table.name}).scalars().all():
        op.execute(f"alter table {part} set (fillfactor = {fillfactor})")


def create_indexes(table: sa.Table) -> None:
    """Those of its indexes that are not there yet."""
    for index in table.indexes:
        op.execute(CreateIndex(index, if_not_exists=True))


def create_runtime_tables() -> None:
    """heads, facts, waiting, outbox and timers: in the first migration of every room."""
    create_partitioned(tables.heads, fillfactor=50)
    create_partitioned(tables.facts)
    for table in (tables.waiting, tables.outbox, tables.timers):
        create_table(table)


def create_reviews() -> None:
    """The officers' queue: in the first migration of every room that has one."""
    create_table(tables.reviews)
