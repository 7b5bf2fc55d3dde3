"""Note store: the SQL of yearly quantities.

The part of `SqlTaxLedger` that only noted goods come to: without them not one statement is run. A row stands under
the lock of the quota of its buyer and year, which whoever touches it has taken before; while that quota is new,
under its key: of two the second is undone.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.tax.notes import NoteKey, YearNote, plain
from services.tax.tables import year_notes
from shared.runtime.database import insert_missing, update_rows

_KEY = NoteKey._fields
_LIKE = sa.text(
    """select buyer, year, goods, unit, reserved, used
       from year_notes join unnest(cast(:buyer as text[]), cast(:year as integer[]), cast(:goods as text[]),
                                   cast(:unit as text[])) as given (buyer, year, goods, unit)
       using (buyer, year, goods, unit)"""
)
_OF_BUYER = sa.text("select * from year_notes where buyer = :buyer and year = :year")


async def read_notes(connection: AsyncConnection, keys: Iterable[NoteKey]) -> dict[NoteKey, YearNote]:
    """The years of noted goods, each made first where it is missing."""
    asked = sorted(keys)
    if not asked:
        return {}
    await insert_missing(connection, year_notes, [key._asdict() for key in asked], key=_KEY)
    given = {name: [getattr(key, name) for key in asked] for name in _KEY}
    return _read((await connection.execute(_LIKE, given)).mappings())


async def save_notes(connection: AsyncConnection, notes: Iterable[YearNote]) -> None:
    """As they stand now."""
    rows = [{**note.key._asdict(), "reserved": note.reserved, "used": note.used} for note in notes]
    await update_rows(connection, year_notes, rows, key=_KEY)


async def notes_of(connection: AsyncConnection, buyer: str, year: int) -> dict[NoteKey, YearNote]:
    """All of one buyer's year, without a lock."""
    return _read((await connection.execute(_OF_BUYER, {"buyer": buyer, "year": year})).mappings())


def _read(rows: Iterable[sa.RowMapping]) -> dict[NoteKey, YearNote]:
    found = (
        YearNote(
            key=NoteKey(*(row[name] for name in _KEY)),
            reserved=plain(row["reserved"]),
            used=plain(row["used"]),
        )
        for row in rows
    )
    return {note.key: note for note in found}
