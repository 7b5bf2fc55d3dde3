"""Returns: those admitted of a declaration."""

from __future__ import annotations

from services.clearance.store import returns
from shared.runtime.schema import create_partitioned

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Lay the table."""
    create_partitioned(returns)
