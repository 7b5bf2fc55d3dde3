"""First: filings, their keys, outcomes and requests, and the parties."""

from __future__ import annotations

from alembic import op

from services.declaration import tables
from shared.runtime.schema import create_partitioned, create_reviews, create_runtime_tables, create_table

revision = "0001"
down_revision = None

_COMPRESSION = """
do $$ begin
  alter table {table} alter column {column} set compression lz4;
exception when feature_not_supported then null; end $$
"""


def upgrade() -> None:
    """Lay the tables; documents are compressed by lz4 where the server has it (a tenth of the default's time)."""
    create_runtime_tables()
    create_reviews()
    create_partitioned(tables.declarations)
    create_partitioned(tables.outcomes)
    create_partitioned(tables.requests)
    create_table(tables.taken_keys)
    create_table(tables.parties)
    op.execute(_COMPRESSION.format(table="declarations", column="document"))
