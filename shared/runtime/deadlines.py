"""Deadlines: rows that become commands when they are due.

A room sets them in the transaction of the state they follow from; `timers.py` runs what is due.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.runtime.arrays import columns_of, unnest
from shared.runtime.database import upsert_rows
from shared.runtime.tables import timers

Key = tuple[str, str, int]
"""subject, command, version"""

RETRY_AFTER = "5 minutes"

_DUE = sa.text(
    """select subject_id::text, command, version from timers
       where due_at <= now() and command = any(cast(:commands as text[])) order by due_at limit :count"""
)
_KEY = ("subject_id", "command", "version")
_TAKE = sa.text(
    f"""delete from timers using {unnest(timers, _KEY)} where timers.subject_id = given.subject_id
        and timers.command = given.command and timers.version = given.version and timers.due_at <= now()
        returning timers.body"""
)
_POSTPONE = sa.text(
    f"""update timers set due_at = now() + interval '{RETRY_AFTER}'
        where subject_id = cast(:subject_id as uuid) and command = :command and version = :version"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A command that is to run at a moment, unless its state has moved on."""

    due_at: datetime
    command: Any
    """A frozen dataclass with `declaration_id` and `version`."""


async def set_deadlines(connection: AsyncConnection, deadlines: Sequence[Deadline]) -> None:
    """Store deadlines; a later one of the same kind and version replaces the earlier."""
    rows = [
        {
            "subject_id": deadline.command.declaration_id,
            "command": type(deadline.command).__name__,
            "version": deadline.command.version,
            "due_at": deadline.due_at,
            "body": msgspec.json.encode(deadline.command),
        }
        for deadline in deadlines
    ]
    await upsert_rows(connection, timers, rows, key=_KEY)


async def due_deadlines(connection: AsyncConnection, commands: Collection[str], count: int) -> list[Key]:
    """Which deadlines of some kinds are due, the oldest first."""
    rows = (await connection.execute(_DUE, {"commands": list(commands), "count": count})).all()
    return [(subject_id, command, version) for subject_id, command, version in rows]


async def take_deadlines(connection: AsyncConnection, keys: Sequence[Key]) -> list[bytes]:
    """Delete those that are still there and due; the commands they hold."""
    rows = [dict(zip(_KEY, key, strict=True)) for key in keys]
    return list((await connection.execute(_TAKE, columns_of(timers, _KEY, rows))).scalars().all())


async def postpone_deadline(connection: AsyncConnection, key: Key) -> None:
    """Have one run later."""
    await connection.execute(_POSTPONE, dict(zip(_KEY, key, strict=True)))
