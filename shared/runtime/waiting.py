"""Waiting: what came early, and what is parked.

`early`: a relay may overtake a fact that is committed but not yet said; the gap fills and the drain applies it.
`parked`: a message that cannot be handled alone is held with its class, cause and attempts; those after it from
that source wait since they are not next. Release makes it early again, drop moves the cursor past it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.topics import SOURCES
from shared.runtime.arrays import columns_of, unnest
from shared.runtime.bus import Message
from shared.runtime.heads import Head
from shared.runtime.tables import waiting

LONGEST = 2000
"""Characters of a type or an error that are kept."""
_NAMES = [column.name for column in waiting.columns]
_INSERT = f"insert into waiting ({', '.join(_NAMES)}) select * from {unnest(waiting, _NAMES)}"
_PUT_EARLY = sa.text(f"{_INSERT} on conflict (subject_id, source, seq) do nothing returning subject_id::text")
_UNREADABLE = "('Unreadable', 'UnknownType')"
"""A copy that cannot be read does not take the place of one that may be good; of itself it does."""
_PARK = sa.text(
    f"""{_INSERT} on conflict (subject_id, source, seq) do update set
          state = 'parked', error_class = excluded.error_class, error = excluded.error, body = excluded.body,
          type = excluded.type, attempts = waiting.attempts + 1
        where excluded.error_class not in {_UNREADABLE} or waiting.error_class in {_UNREADABLE}
           or (excluded.type, excluded.body) = (waiting.type, waiting.body)
        returning subject_id::text, xmax = 0"""
)
_KEYS = ["subject_id", "source", "seq"]
_CLEAR = sa.text(
    f"""delete from waiting using {unnest(waiting, _KEYS)}
        where waiting.subject_id = given.subject_id and waiting.source = given.source and waiting.seq = given.seq
        returning waiting.subject_id::text"""
)
_HEARD = " ".join(f"when '{source}' then h.heard_{source}" for source in SOURCES)
_NEXT = sa.text(
    f"""select w.subject_id::text, w.source, w.seq, w.type, w.body, w.traceparent, w.place
        from waiting w join heads h on h.subject_id = w.subject_id
        where w.state = 'early' and w.seq <= 1 + case w.source {_HEARD} end
        order by w.since limit :count"""
)


async def put_early(
    connection: AsyncConnection, early: Sequence[Message], heads: dict[str, Head], now: datetime
) -> None:
    """Keep what is not next yet."""
    rows = [_row(message, "early", "", "", now) for message in early]
    await _insert(connection, _PUT_EARLY, rows, heads)


async def park(
    connection: AsyncConnection,
    poison: Sequence[tuple[Message, BaseException]],
    heads: dict[str, Head],
    now: datetime,
) -> None:
    """Hold what cannot be handled, with its cause; another try of the same message counts as an attempt."""
    rows = [_row(message, "parked", type(error).__name__, why(error), now) for message, error in poison]
    if rows:
        result = await connection.execute(_PARK, columns_of(waiting, _NAMES, rows))
        for subject, is_new in result.all():
            heads[subject].waiting += 1 if is_new else 0


async def clear(connection: AsyncConnection, applied: Iterable[Message], heads: dict[str, Head]) -> None:
    """Forget what is applied, where its head says that something waits."""
    rows = [
        {"subject_id": message.subject, "source": message.source, "seq": message.seq}
        for message in applied
        if heads[message.subject].waiting
    ]
    if rows:
        found = await connection.execute(_CLEAR, columns_of(waiting, _KEYS, rows))
        for subject in found.scalars().all():
            heads[subject].waiting -= 1


async def next_waiting(connection: AsyncConnection, count: int) -> list[Message]:
    """Waiting messages that are next for their head, oldest first."""
    rows = (await connection.execute(_NEXT, {"count": count})).all()
    return [
        Message(
            subject=row[0],
            source=row[1],
            seq=row[2],
            type=row[3],
            body=row[4],
            traceparent=row[5],
            place=row[6],
            garbled="its envelope could not be read" if row[2] == 0 else "",
        )
        for row in rows
    ]


async def release_parked(connection: AsyncConnection, row: sa.ColumnElement[bool]) -> bool:
    """Have a row that waits tried again, under its head; whether it is there."""
    moved = sa.update(waiting).where(row).values(state="early")
    return (await connection.execute(moved)).rowcount > 0


async def drop_parked(connection: AsyncConnection, row: sa.ColumnElement[bool]) -> bool:
    """Forget a row that is parked, under its head, which has to give it up too; whether it is there."""
    gone = sa.delete(waiting).where(row, waiting.c.state == "parked")
    return (await connection.execute(gone)).rowcount > 0


def clean(text: str) -> str:
    """A text of anybody's as a table can hold it: what is parked must never fail to be parked."""
    return text[:LONGEST].replace("\x00", "\\0").encode(errors="replace").decode()


def why(error: BaseException) -> str:
    """An error for people: of a statement that failed, what the database said, not the statement."""
    return str(error.orig if isinstance(error, DBAPIError) and error.orig else error)


async def _insert(
    connection: AsyncConnection, statement: sa.TextClause, rows: list[dict[str, Any]], heads: dict[str, Head]
) -> None:
    if rows:
        result = await connection.execute(statement, columns_of(waiting, _NAMES, rows))
        for subject in result.scalars().all():
            heads[subject].waiting += 1


def _row(message: Message, state: str, error_class: str, error: str, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": message.subject,
        "source": message.source,
        "seq": message.seq,
        "state": state,
        "type": clean(message.type),
        "body": message.body,
        "traceparent": message.traceparent,
        "place": message.place,
        "error_class": error_class,
        "error": clean(error),
        "attempts": 1 if state == "parked" else 0,
        "since": now,
    }
