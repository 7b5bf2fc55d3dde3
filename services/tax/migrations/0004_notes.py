"""Notes: yearly quantities of noted goods, and what a version asks for of them.

The release before writes neither: what it files meanwhile counts in no year of noted goods.
"""

from __future__ import annotations

from alembic import op

from services.tax.tables import year_notes
from shared.runtime.schema import create_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Lay the table; the column is there already where `assessments` was laid today."""
    create_table(year_notes, fillfactor=50)
    op.execute("alter table assessments add column if not exists noted bytea")
