"""First: the runtime's tables."""

from __future__ import annotations

from shared.runtime.schema import create_runtime_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the tables."""
    create_runtime_tables()
