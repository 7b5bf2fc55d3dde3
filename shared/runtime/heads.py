"""Heads: one row a declaration, locked first.

A head counts: the next seq of this service's own facts, the last seq heard from each source, the running
version, the version through which the declaration is over, and how many of its messages wait. Every writer of
anything about a declaration first locks its heads in id order, and only then reads. A head that is not there yet
is written once, at the end: if another writer made it meanwhile, its key is taken, and the whole batch is undone
and tried again under the head as it then stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.topics import SOURCES
from shared.runtime.bus import Message
from shared.runtime.database import fetch, insert_new, update_rows
from shared.runtime.tables import heads

_HEARD = {source: f"heard_{source}" for source in SOURCES}
_LOCK = sa.text(
    f"""select subject_id::text, next_seq, version, closed_through, waiting, {", ".join(_HEARD.values())}
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
        counts: dict[str, Any] = {_HEARD[source]: self.heard[source] for source in sources}
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
    found = {row[0]: _read(row) for row in await fetch(connection, _LOCK, {"ids": ids})}
    return {subject: found.get(subject) or Head(subject) for subject in ids}


def _read(row: Any) -> Head:
    heard = dict(zip(SOURCES, row[5:], strict=True))
    return Head(row[0], row[1], row[2], row[3], row[4], heard, is_new=False)


async def pass_over(connection: AsyncConnection, asides: Sequence[Message]) -> list[Message]:
    """Move cursors over messages, each of another source of its subject, under no lock taken before.

    Returns those of subjects where one is not next, or something waits, or which have no head: they are untouched.
    The statement locks what it moves in whatever order it finds it: who meets it the other way round is undone, like
    any dead-lock, and tried again.
    """
    by_subject: dict[str, list[Message]] = defaultdict(list)
    for message in sorted(asides, key=attrgetter("subject", "source")):
        by_subject[message.subject].append(message)
    alike: dict[tuple[str, ...], list[list[Message]]] = defaultdict(list)
    for each in by_subject.values():
        alike[tuple(message.source for message in each)].append(each)
    for sources, them in alike.items():
        columns = {source: [each[place].seq for each in them] for place, source in enumerate(sources)}
        given = {"ids": [each[0].subject for each in them], **columns}
        for (subject,) in await fetch(connection, _passing(sources), given):
            del by_subject[subject]
    return [message for each in by_subject.values() for message in each]


@cache
def _passing(sources: tuple[str, ...]) -> sa.TextClause:
    """Of heads on which nothing waits, the cursors of some sources, each by one."""
    arrays = ", ".join(f"cast(:{source} as integer[])" for source in sources)
    sets = ", ".join(f"heard_{source} = given.{source}" for source in sources)
    are_next = " and ".join(f"heard_{source} = given.{source} - 1" for source in sources)
    return sa.text(
        f"""update heads set {sets}
            from unnest(cast(:ids as uuid[]), {arrays}) as given (subject_id, {", ".join(sources)})
            where heads.subject_id = given.subject_id and waiting = 0 and {are_next}
            returning heads.subject_id::text"""
    )


async def insert_heads(connection: AsyncConnection, fresh: Iterable[Head], sources: Collection[str]) -> None:
    """New heads, with the cursors of the sources that were heard; raises `RowTaken` where another was first."""
    await insert_new(connection, heads, [head.row(sources) for head in fresh])


async def save_heads(
    connection: AsyncConnection, moved: Iterable[Head], sources: Iterable[str] = SOURCES
) -> None:
    """Write heads; of the cursors, those of the sources that were heard. Of a new one the others are 0."""
    heard = sorted(set(sources))
    known: list[Head] = []
    fresh: list[Head] = []
    for head in moved:
        (fresh if head.is_new else known).append(head)
    await update_rows(connection, heads, [head.row(heard) for head in known], key=("subject_id",))
    await insert_heads(connection, fresh, heard)
