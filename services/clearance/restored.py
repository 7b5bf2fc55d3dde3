"""Restored: permit numbers after a restore.

`MIGRATION_DATABASE_URL=... python -m services.clearance.restored` is run once on a restored database, before the
service starts. The backup does not know which numbers were given out after it was made; from here on they begin
beyond all that can have been.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime

from services.clearance.permit import running_no_after
from services.clearance.store import next_permit_number
from shared.runtime.database import open_engine
from shared.runtime.heads import transaction_time
from shared.runtime.settings import read_settings


async def go_on_numbering(owner_url: str, now: datetime | None = None) -> int:
    """Move the sequence on, never back; the running number that the next permit gets."""
    engine = open_engine(owner_url, pool_size=1, name="clearance-restored")
    try:
        async with engine.begin() as connection:
            floor = running_no_after(now or await transaction_time(connection))
            return await next_permit_number(connection, floor)
    finally:
        await engine.dispose()


def main() -> None:
    """With the owner role where there is one: only it may move a sequence."""
    settings = read_settings("clearance", os.environ)
    first = asyncio.run(go_on_numbering(settings.migration_database_url or settings.database_url))
    sys.stdout.write(f"{first}\n")


if __name__ == "__main__":
    main()
