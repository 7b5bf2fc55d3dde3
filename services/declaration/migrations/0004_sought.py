"""Sought: indexes by what lists are narrowed to: parties, the order number, and outcomes that are not a permit."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


_UNUSUAL = """create index if not exists outcomes_unusual on outcomes (outcome, declaration_id)
  where outcome <> 'PERMITTED'"""


def upgrade() -> None:
    """Lay them on a table of before, which takes no filing meanwhile; a fresh one has them."""
    op.execute("create index if not exists declarations_order_no on declarations (order_no)")
    op.execute("create index if not exists declarations_parties on declarations using gin (parties)")
    op.execute(_UNUSUAL)
