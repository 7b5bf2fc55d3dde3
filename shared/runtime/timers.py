"""Timers: deadlines are rows; due rows become commands.

A due row is deleted in the transaction that stores what it caused; under the head the handler checks version and
state again, so a deadline that comes late or twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import TIMER
from shared.runtime import telemetry
from shared.runtime.deadlines import RETRY_AFTER, Key
from shared.runtime.failures import is_transient
from shared.runtime.unit_of_work import Handler, UnitOfWork

BATCH = 500


async def run_due(work: UnitOfWork, handlers: Mapping[type[Any], Handler]) -> bool:
    """Run due deadlines, a transaction for each kind and wave; whether there may be more.

    Those of a kind that only a newer release knows wait for that release.
    """
    kinds = {kind.__name__: kind for kind in handlers}
    async with work.engine.connect() as connection:
        due = await work.books.due_deadlines(connection, kinds, BATCH)
    for (name, _), keys in _cut(due).items():
        await _run(work, keys, kinds[name], handlers[kinds[name]])
    return len(due) == BATCH


def _cut(due: Sequence[Key]) -> dict[tuple[str, int], list[Key]]:
    """By command, and so that each declaration occurs once."""
    waves: dict[tuple[str, int], list[Key]] = defaultdict(list)
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for subject_id, name, version in due:
        waves[name, seen[name, subject_id]].append((subject_id, name, version))
        seen[name, subject_id] += 1
    return waves


async def _run(work: UnitOfWork, keys: Sequence[Key], kind: type[Any], handler: Handler) -> None:
    """Run a batch; one that fails for good is found by halving, and postponed."""

    async def take(connection: AsyncConnection) -> Sequence[Any]:
        bodies = await work.books.take_deadlines(connection, keys)
        return [msgspec.json.decode(body, type=kind) for body in bodies]

    try:
        await work.command_found({key[0] for key in keys}, take, handler, TIMER)
    except Exception as error:
        if is_transient(error):
            raise
        if len(keys) > 1:
            await _run(work, keys[: len(keys) // 2], kind, handler)
            await _run(work, keys[len(keys) // 2 :], kind, handler)
        else:
            await _postpone(work, keys[0], error)


async def _postpone(work: UnitOfWork, key: Key, error: Exception) -> None:
    telemetry.log("timers").error(
        "deadline failed", declaration_id=key[0], command=key[1], error=str(error)[:500], retry=RETRY_AFTER
    )
    async with work.books.begin(work.engine) as connection:
        await work.books.postpone_deadline(connection, key)
