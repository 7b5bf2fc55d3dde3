"""Returns: the goods that are to come back."""

from __future__ import annotations

from services.logistics.store import awaited_returns
from shared.runtime.schema import create_partitioned

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lay the table."""
    create_partitioned(awaited_returns)
