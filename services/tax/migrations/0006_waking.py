"""Waking: indexes of who waits by what it needs, and of who has its order to be looked at again."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Lay them; nobody new waits, and no order is set, while the tables are looked through once."""
    op.execute("create index waiting_filings_by_need on waiting_filings (guarantor, tax_total)")
    op.execute(
        "create index timers_guarantee_freed on timers (subject_id, version) where command = 'GuaranteeFreed'"
    )
