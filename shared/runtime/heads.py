"""Heads: one row a declaration, locked first.

A head counts: the next seq of this service's own facts, the last seq heard from each source, the running
version, the version through which the declaration is over, and how many of its messages wait. Every writer of
anything about a declaration first inserts the missing heads, locks its heads in id order, and only then reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.topics import SOURCES
from shared.runtime.database import insert_rows, update_rows
from shared.runtime.tables import heads

_HEARD = [f"heard_{source}" for source in SOURCES]
_INSERT = sa.text(
    """insert into heads (subject_id) select given from unnest(cast(:ids as uuid[])) as given
       on conflict (subject_id) do nothing returning subject_id::text"""
)
_LOCK = sa.text(
    f"""select subject_id::text, next_seq, version, closed_through, waiting, {", ".join(_HEARD)}
        from heads where subject_id = any(cast(:ids as uuid[])) order by subject_id for update"""
)
_NOW = sa.text("select transaction_timestamp()")


@dataclass(slots=True)
class Head:
    """A locked head: state of one transaction, written back at its end."""

    subject_id: str
    next_seq: int = 1
    version: int = 0
    closed_through: int = 0
    waiting: int = 0
    heard: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))

    def next(self, source: str) -> int:
        """The seq that is next from a source."""
        return self.heard[source] + 1

    def take_seq(self) -> int:
        """The seq of this service's next fact."""
        self.next_seq += 1
        return self.next_seq - 1

    def row(self, sources: Iterable[str]) -> dict[str, Any]:
        """The head as a row of its table, with the cursors of some sources."""
        counts: dict[str, Any] = {f"heard_{source}": self.heard[source] for source in sources}
        counts["subject_id"] = self.subject_id
        counts["next_seq"] = self.next_seq
        counts["version"] = self.version
        counts["closed_through"] = self.closed_through
        counts["waiting"] = self.waiting
        return counts


async def transaction_time(connection: AsyncConnection) -> datetime:
    """The database's clock at the start of the transaction: the only clock of decisions."""
    moment: datetime = (await connection.execute(_NOW)).scalar_one()
    return moment


async def lock_heads(connection: AsyncConnection, subjects: Iterable[str]) -> dict[str, Head]:
    """The heads of some subjects, made if missing and locked, in id order.

    Those that this transaction inserts are its own already; the others are locked by a later statement, which
    sees what their last writer committed.
    """
    ids = sorted(set(subjects))
    fresh = (await connection.execute(_INSERT, {"ids": ids})).scalars().all()
    found = {subject: Head(subject) for subject in fresh}
    known = [subject for subject in ids if subject not in found]
    if known:
        for row in (await connection.execute(_LOCK, {"ids": known})).all():
            found[row[0]] = Head(
                row[0], row[1], row[2], row[3], row[4], dict(zip(SOURCES, row[5:], strict=True))
            )
    return found


async def insert_heads(connection: AsyncConnection, fresh: Iterable[Head]) -> None:
    """New heads of declarations nobody can know yet: a first filing."""
    await insert_rows(connection, heads, [head.row(()) for head in fresh])


async def save_heads(
    connection: AsyncConnection, moved: Iterable[Head], sources: Iterable[str] = SOURCES
) -> None:
    """Write locked heads back; of the cursors, those of the sources that were heard."""
    heard = sorted(set(sources))
    await update_rows(connection, heads, [head.row(heard) for head in moved], key=("subject_id",))
