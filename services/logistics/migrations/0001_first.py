"""First: the runtime's tables, the officers' queue, carriers, waybills and bookings."""

from __future__ import annotations

from services.logistics.store import bookings, carriers, waybills
from shared.runtime.schema import create_partitioned, create_reviews, create_runtime_tables, create_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the tables. A booking is updated once by its permit: room is left for that on its page."""
    create_runtime_tables()
    create_reviews()
    create_table(carriers)
    create_table(waybills)
    create_partitioned(bookings, fillfactor=50)
