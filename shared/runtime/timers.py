"""Timers: deadlines are rows; due rows become commands.

A due row is deleted in the transaction that stores what it caused; under the head the handler checks version and
state again, so a deadline that comes late or twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import TIMER
from shared.runtime import telemetry
from shared.runtime.database import is_transient, upsert_rows
from shared.runtime.heads import lock_heads, transaction_time
from shared.runtime.tables import timers
from shared.runtime.unit_of_work import Handler, UnitOfWork

BATCH = 200
RETRY_AFTER = "5 minutes"

_DUE = sa.text(
    """select subject_id::text, command, version from timers where due_at <= now() order by due_at limit :count"""
)
_TAKE = sa.text(
    """delete from timers where subject_id = cast(:subject_id as uuid) and command = :command and version = :version
       and due_at <= now() returning body"""
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
    await upsert_rows(connection, timers, rows, key=("subject_id", "command", "version"))


async def run_due(work: UnitOfWork, handlers: Mapping[type[Any], Handler]) -> bool:
    """Run one batch of due deadlines, a transaction each; whether there may be more."""
    async with work.engine.connect() as connection:
        due = (await connection.execute(_DUE, {"count": BATCH})).all()
    kinds = {kind.__name__: kind for kind in handlers}
    for subject_id, name, version in due:
        key = {"subject_id": subject_id, "command": name, "version": version}
        if name in kinds:  # a newer version's deadline waits for that version
            await _run_one(work, key, kinds[name], handlers[kinds[name]])
    return len(due) == BATCH


async def _run_one(work: UnitOfWork, key: dict[str, Any], kind: type[Any], handler: Handler) -> None:
    try:
        async with work.engine.begin() as connection:
            heads = await lock_heads(connection, [key["subject_id"]])
            body = (await connection.execute(_TAKE, key)).scalar_one_or_none()
            if body is not None:
                now = await transaction_time(connection)
                made = await handler([msgspec.json.decode(body, type=kind)], work.store(connection), now)
                await work.keep(connection, heads, made, now, TIMER)
        work.wake_relay()
    except Exception as error:
        if is_transient(error):
            raise
        telemetry.log("timers").error("deadline failed", error=str(error)[:500], retry=RETRY_AFTER, **key)
        async with work.engine.begin() as connection:
            await connection.execute(_POSTPONE, key)
