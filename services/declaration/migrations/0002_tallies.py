"""Tallies: how many filings the door refused."""

from __future__ import annotations

from services.declaration import tables
from shared.runtime.schema import create_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lay the table."""
    create_table(tables.tallies)
