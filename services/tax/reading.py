"""Tax reading: what a quote asks of the books, and nothing is locked."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.tax.columns import amount
from services.tax.note_store import notes_of
from services.tax.notes import NoteKey, YearNote
from services.tax.quota import Quota

_BUYER = sa.text(
    """select buyer, parties from assessments
       where declaration_id = cast(:id as uuid) order by version desc limit 1"""
)
_QUOTA = sa.text("select reserved, used from quotas where buyer = :buyer and year = :year")


class SqlTaxReading:
    """Questions to the books, bound to one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def buyer_of(self, declaration_id: str) -> tuple[str, tuple[str, ...]] | None:
        """The buyer of a declaration, and the parties that may read it."""
        row = (await self.connection.execute(_BUYER, {"id": declaration_id})).one_or_none()
        return (row.buyer, tuple(row.parties)) if row else None

    async def notes(self, quota: Quota) -> dict[NoteKey, YearNote]:
        """The same buyer's year of noted goods."""
        return await notes_of(self.connection, *quota.key)

    async def quota(self, buyer: str, year: int) -> Quota:
        """A buyer's year as it stands."""
        row = (await self.connection.execute(_QUOTA, {"buyer": buyer, "year": year})).one_or_none()
        if row is None:
            return Quota(buyer=buyer, year=year)
        return Quota(buyer=buyer, year=year, reserved=amount(row.reserved), used=amount(row.used))
