"""Refunds: what completed returns have given back."""

from __future__ import annotations

from services.tax.tables import refunds
from shared.runtime.schema import create_partitioned

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Lay the table."""
    create_partitioned(refunds)
