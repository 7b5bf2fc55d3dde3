"""Facts: what this service has said, append-only.

Stored as they are said, in the transaction of the state they follow from, with their cause; never updated.
Under the head a plain insert is enough: a conflict is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts import codec
from shared.contracts.envelope import AnyEvent, Cause, Event, Fact
from shared.contracts.topics import NAMES
from shared.runtime.database import delete_rows, fetch, insert_rows
from shared.runtime.heads import Head
from shared.runtime.tables import facts, outbox

MAX_BODY = 256 * 1024
"""Bytes of one event; more fails before it is saved, not when it is said."""

Period = tuple[datetime, datetime]
"""From a moment until just before another."""
Place = tuple[str, int]
"""Subject and seq of a fact."""
FIRST: Place = ("00000000-0000-0000-0000-000000000000", 0)
"""Before every fact."""

_COLUMNS = """f.subject_id::text, f.seq, f.version, f.type, f.body, f.cause_source, f.cause_seq,
              f.recorded_at, f.traceparent"""
_CAUSED = sa.text(
    f"""select {_COLUMNS} from facts f
        join unnest(cast(:subjects as uuid[]), cast(:sources as text[]), cast(:seqs as integer[]))
          as given (subject_id, source, seq)
          on f.subject_id = given.subject_id and f.cause_source = given.source and f.cause_seq = given.seq
        order by f.subject_id, f.seq"""
)
_OF_SUBJECT = sa.text(
    f"select {_COLUMNS} from facts f where f.subject_id = :subject order by f.seq limit 500"
)
_PAGE = """where (f.subject_id, f.seq) > (cast(:subject as uuid), cast(:seq as integer))
        order by f.subject_id, f.seq limit :count"""
_FOLLOWING = sa.text(f"select {_COLUMNS} from facts f {_PAGE}")
_RECORDED = "from facts where recorded_at >= :since and recorded_at < :until"
_PERIOD = sa.text(f"select {_COLUMNS} from (select * {_RECORDED} offset 0) f {_PAGE}")
"""`offset 0`: else the planner may walk all facts by their key, hoping for a page of the period soon."""
_COUNT = sa.text(f"select count(*) from (select {_RECORDED} limit :most) counted")
_HAS_UNSAID = sa.text("select exists (select from outbox)")
_PENDING = sa.text(
    f"""select {_COLUMNS} from outbox o join facts f on f.subject_id = o.subject_id and f.seq = o.seq
        where o.due_at <= now() and not exists (
            select 1 from outbox lower where lower.subject_id = o.subject_id and lower.seq < o.seq)
        order by o.due_at limit :count for update of o skip locked"""
)


class EventTooLarge(ValueError):
    """An event is larger than a record may be."""


def make_fact(  # noqa: PLR0913 (a fact has these coordinates)
    source: str, event: AnyEvent, head: Head, cause: Cause, *, now: datetime, trace: str
) -> Fact:
    """The fact of an event, numbered under its locked head."""
    body = codec.encode(event)
    if len(body) > MAX_BODY:
        raise EventTooLarge(f"{NAMES[type(event)]} of {event.subject} has {len(body)} bytes")
    if isinstance(event, Event):
        head.version = max(head.version, event.version)
    kind = NAMES[type(event)]
    return Fact(source, event.subject, head.take_seq(), event.version, kind, body, cause, now, trace)


async def insert_facts(connection: AsyncConnection, made: Sequence[Fact]) -> None:
    """Store facts."""
    rows = [
        {
            "subject_id": fact.subject,
            "seq": fact.seq,
            "version": fact.version,
            "type": fact.type,
            "body": fact.body,
            "cause_source": fact.cause.source,
            "cause_seq": fact.cause.seq,
            "recorded_at": fact.recorded_at,
            "traceparent": fact.traceparent,
        }
        for fact in made
    ]
    await insert_rows(connection, facts, rows)


async def insert_outbox(connection: AsyncConnection, made: Iterable[Fact], due_at: datetime) -> None:
    """Note facts that Kafka will not bring again; the relay says them once they are due."""
    rows = [{"subject_id": fact.subject, "seq": fact.seq, "due_at": due_at} for fact in made]
    await insert_rows(connection, outbox, rows)


async def delete_outbox(connection: AsyncConnection, said: Iterable[Fact]) -> None:
    """Delete, by key, what has been delivered."""
    rows = [{"subject_id": fact.subject, "seq": fact.seq} for fact in said]
    await delete_rows(connection, outbox, rows, key=("subject_id", "seq"))


async def caused_by(
    connection: AsyncConnection, source: str, inputs: Iterable[tuple[str, str, int]]
) -> list[Fact]:
    """The facts that these very inputs (subject, source, seq) caused."""
    asked = list(inputs)
    if not asked:
        return []
    columns = {
        "subjects": [subject for subject, _, _ in asked],
        "sources": [heard for _, heard, _ in asked],
        "seqs": [seq for _, _, seq in asked],
    }
    return _read(source, await fetch(connection, _CAUSED, columns))


async def pending(connection: AsyncConnection, source: str, count: int) -> list[Fact]:
    """The lowest fact of each subject that is due to be said, its outbox row locked."""
    return _read(source, await fetch(connection, _PENDING, {"count": count}))


async def has_unsaid(connection: AsyncConnection) -> bool:
    """Whether anything is still to be said, due or not."""
    return bool((await connection.execute(_HAS_UNSAID)).scalar_one())


async def of_subject(connection: AsyncConnection, source: str, subject: str) -> list[Fact]:
    """What this service has said of one declaration, in order. 500 facts at most, which is all there are: the
    window's door bounds how often something may be asked about one."""
    found = await connection.execute(_OF_SUBJECT, {"subject": subject})
    return _read(source, found.all())


async def following(connection: AsyncConnection, source: str, after: Place, count: int) -> list[Fact]:
    """Facts in key order after a place, whenever they were recorded: a page of all there are."""
    asked = {"subject": after[0], "seq": after[1], "count": count}
    return _read(source, (await connection.execute(_FOLLOWING, asked)).all())


async def count_of_period(connection: AsyncConnection, period: Period, most: int) -> int:
    """How many facts were recorded in a period; counted no further than `most`."""
    asked = {"since": period[0], "until": period[1], "most": most}
    return int((await connection.execute(_COUNT, asked)).scalar_one())


async def of_period(
    connection: AsyncConnection, source: str, period: Period, after: Place, count: int
) -> list[Fact]:
    """Facts recorded in a period, in key order after a place: a page of a slice of time.

    All facts of the period are read and sorted for each page: it is to be a short one.
    """
    asked = {"since": period[0], "until": period[1], "subject": after[0], "seq": after[1], "count": count}
    return _read(source, (await connection.execute(_PERIOD, asked)).all())


def _read(source: str, rows: Iterable[Any]) -> list[Fact]:
    return [
        Fact(
            source=source,
            subject=subject,
            seq=seq,
            version=version,
            type=kind,
            body=body,
            cause=Cause(cause_source, cause_seq),
            recorded_at=recorded_at,
            traceparent=trace,
        )
        for subject, seq, version, kind, body, cause_source, cause_seq, recorded_at, trace in rows
    ]
