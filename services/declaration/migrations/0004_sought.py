"""Sought: indexes by what lists are narrowed to: parties, the order number, and outcomes that are not a permit."""

from __future__ import annotations

from services.declaration import tables
from shared.runtime.schema import create_indexes

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Lay them on a table of before, which takes no filing meanwhile; a fresh one has them."""
    create_indexes(tables.declarations)
    create_indexes(tables.outcomes)
