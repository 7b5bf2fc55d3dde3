"""First: the runtime's tables, parties, clients, keys."""

from __future__ import annotations

from services.registry.store import clients, parties, signing_keys
from shared.runtime.schema import create_runtime_tables, create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the tables."""
    create_runtime_tables()
    for table in (parties, clients, signing_keys):
        create_table(table)
