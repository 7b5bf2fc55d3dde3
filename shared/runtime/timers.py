"""Timers: deadlines are rows; due rows become commands.

A due row is deleted in the transaction that stores what it caused; under the head the handler checks version and
state again, so a deadline that comes late or twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import TIMER
from shared.runtime import telemetry
from shared.runtime.database import columns_of, is_transient, unnest, upsert_rows
from shared.runtime.heads import lock_heads, transaction_time
from shared.runtime.tables import timers
from shared.runtime.unit_of_work import Handler, UnitOfWork, flush

Key = tuple[str, str, int]
"""subject, command, version"""

BATCH = 500
RETRY_AFTER = "5 minutes"

_DUE = sa.text(
    """select subject_id::text, command, version from timers where due_at <= now() order by due_at limit :count"""
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
    await upsert_rows(connection, timers, rows, key=("subject_id", "command", "version"))


async def run_due(work: UnitOfWork, handlers: Mapping[type[Any], Handler]) -> bool:
    """Run due deadlines, a transaction for each kind and wave; whether there may be more."""
    async with work.engine.connect() as connection:
        due = (await connection.execute(_DUE, {"count": BATCH})).all()
    kinds = {kind.__name__: kind for kind in handlers}
    for name, keys in _cut(due).items():
        if name[0] in kinds:  # a newer version's deadline waits for that version
            await _run(work, keys, kinds[name[0]], handlers[kinds[name[0]]])
    return len(due) == BATCH


def _cut(due: Sequence[Any]) -> dict[tuple[str, int], list[Key]]:
    """By command, and so that each declaration occurs once."""
    waves: dict[tuple[str, int], list[Key]] = defaultdict(list)
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for subject_id, name, version in due:
        waves[name, seen[name, subject_id]].append((subject_id, name, version))
        seen[name, subject_id] += 1
    return waves


async def _run(work: UnitOfWork, keys: Sequence[Key], kind: type[Any], handler: Handler) -> None:
    """Run a batch; one that fails for good is found by halving, and postponed."""
    try:
        async with work.engine.begin() as connection:
            heads = await lock_heads(connection, [key[0] for key in keys])
            rows = [dict(zip(_KEY, key, strict=True)) for key in keys]
            bodies = (await connection.execute(_TAKE, columns_of(timers, _KEY, rows))).scalars().all()
            if bodies:
                now = await transaction_time(connection)
                commands = [msgspec.json.decode(body, type=kind) for body in bodies]
                store = work.store(connection)
                made = await handler(commands, store, now)
                await flush(store)
                await work.keep(connection, heads, made, now, TIMER)
        work.wake_relay()
    except Exception as error:
        if is_transient(error):
            raise
        if len(keys) > 1:
            await _run(work, keys[: len(keys) // 2], kind, handler)
            await _run(work, keys[len(keys) // 2 :], kind, handler)
        else:
            await _postpone(work, keys[0], error)


async def _postpone(work: UnitOfWork, key: Key, error: Exception) -> None:
    subject_id, name, version = key
    telemetry.log("timers").error(
        "deadline failed", declaration_id=subject_id, command=name, error=str(error)[:500], retry=RETRY_AFTER
    )
    async with work.engine.begin() as connection:
        await connection.execute(_POSTPONE, {"subject_id": subject_id, "command": name, "version": version})
