"""First: the runtime's tables, the queue, cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.clearance.store import cases, declared_texts, permit_numbers, tallies
from shared.runtime.schema import create_partitioned, create_reviews, create_runtime_tables, create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the tables. A case was written about five times, so its pages kept room for that (0005 fills them)."""
    create_runtime_tables()
    create_reviews()
    create_partitioned(cases, fillfactor=40)
    create_partitioned(declared_texts)
    create_table(tallies)
    op.execute(sa.schema.CreateSequence(permit_numbers))
