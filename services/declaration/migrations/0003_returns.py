"""Returns: requests that name lines, and answers that name a place, a source, a fix and a deadline."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_GROW = """
alter table requests
  add column if not exists lines bytea not null default '',
  add column if not exists pointer text not null default '',
  add column if not exists rule text not null default '',
  add column if not exists fix text not null default '',
  add column if not exists source text not null default '',
  add column if not exists back_by timestamptz
"""


def upgrade() -> None:
    """Add the columns to a table of before; a fresh one has them."""
    op.execute(_GROW)
