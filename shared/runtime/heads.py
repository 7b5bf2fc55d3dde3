"""Heads: one row a declaration, locked first.

A head counts: the next seq of this service's own facts, the last seq heard from each source, the running
version, the version through which the declaration is over, and how many of its messages wait. Every writer of
anything about a declaration first locks its heads in id order, and only then reads. A head that is not there yet
is written once, at the end: if another writer made it meanwhile, its key is taken, and the whole batch is undone
and tried again under the head as it then stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.topics import SOURCES
from shared.runtime.database import fetch, insert_rows, update_rows
from shared.runtime.failures import HeadTaken
from shared.runtime.tables import heads

_HEARD = [f"heard_{source}" for source in SOURCES]
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
    is_new: bool = True
    """It has no row yet."""

    def next(self, source: str) -> int:
        """The seq that is next from a source."""
        return self.heard[source] + 1

    def take_seq(self) -> int:
        """The seq of this service's next fact."""
        self.next_seq += 1
        return self.next_seq - 1

    def give_up(self, source: str, seq: int) -> None:
        """A message that waits is given up: what follows it from that source is next."""
        self.waiting -= 1
        self.heard[source] = max(self.heard[source], seq)

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
    moment: datetime = (await fetch(connection, _NOW))[0][0]
    return moment


async def lock_heads(connection: AsyncConnection, subjects: Iterable[str]) -> dict[str, Head]:
    """The heads of some subjects, locked in id order; new ones for those that have none."""
    ids = sorted(set(subjects))
    found = {subject: Head(subject) for subject in ids}
    for row in await fetch(connection, _LOCK, {"ids": ids}):
        heard = dict(zip(SOURCES, row[5:], strict=True))
        found[row[0]] = Head(row[0], row[1], row[2], row[3], row[4], heard, is_new=False)
    return found


async def insert_heads(connection: AsyncConnection, fresh: Iterable[Head]) -> None:
    """New heads; raises `HeadTaken` where another writer was first."""
    try:
        await insert_rows(connection, heads, [head.row(SOURCES) for head in fresh])
    except asyncpg.UniqueViolationError as error:
        raise HeadTaken(str(error.detail)) from error


async def save_heads(
    connection: AsyncConnection, moved: Iterable[Head], sources: Iterable[str] = SOURCES
) -> None:
    """Write heads, new ones whole; of the others' cursors, those of the sources that were heard."""
    heard = sorted(set(sources))
    known: list[Head] = []
    fresh: list[Head] = []
    for head in moved:
        (fresh if head.is_new else known).append(head)
    await update_rows(connection, heads, [head.row(heard) for head in known], key=("subject_id",))
    await insert_heads(connection, fresh)
