"""First: the runtime's tables, the queue, assessments, balances."""

from __future__ import annotations

from services.tax.tables import accounts, assessments, deposits, quotas, waiting_filings
from shared.runtime.schema import create_partitioned, create_reviews, create_runtime_tables, create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the tables. An assessment is written again at its end, so its pages keep room for that."""
    create_runtime_tables()
    create_reviews()
    create_partitioned(assessments, fillfactor=50)
    create_table(quotas, fillfactor=50)
    create_table(accounts, fillfactor=50)
    create_table(deposits)
    create_table(waiting_filings)
