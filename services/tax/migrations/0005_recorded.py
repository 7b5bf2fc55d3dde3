"""Recorded: an index of when facts were recorded, by which a period is found to be said again."""

from __future__ import annotations

from shared.runtime.schema import create_indexes
from shared.runtime.tables import facts

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Lay it on a table of before, which takes no fact while it is looked through once; a fresh one has it."""
    create_indexes(facts)
