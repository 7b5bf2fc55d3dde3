"""Relay: says what Kafka will not bring again, lowest first; drains what waited; says periods again.

Relay and sweeper are one loop: the lowest pending outbox row of each declaration, judged also against locked and
young rows, said, then deleted by key. Never a delete by range, never a mark, never "id > last".
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.runtime.books import SQL, Books
from shared.runtime.bus import Bus, Message
from shared.runtime.unit_of_work import UnitOfWork

BATCH = 500
RESAY_PAUSE = 0.05
"""Between pages of facts said again: repeats multiply downstream, so they are throttled."""


async def say_pending(engine: AsyncEngine, bus: Bus, service: str, books: Books = SQL) -> bool:
    """Say one batch from the outbox; whether there may be more."""
    async with books.begin(engine) as connection:
        found = await books.pending(connection, service, BATCH)
        if found:
            await bus.say([(fact, None) for fact in found])
            await books.delete_outbox(connection, found)
    return bool(found)


async def drain(engine: AsyncEngine, work: UnitOfWork) -> bool:
    """Apply one batch of waiting messages that have become next; whether there may be more."""
    async with engine.connect() as connection:
        found = await work.books.next_waiting(connection, BATCH)
    lowest: dict[str, Message] = {}
    for message in found:
        lowest.setdefault(message.subject, message)
    if lowest:
        await work.run(list(lowest.values()), drained=True)
    return bool(lowest)


async def resay(
    engine: AsyncEngine, bus: Bus, service: str, period: tuple[datetime, datetime], books: Books = SQL
) -> int:
    """Say all facts of a period again, in order, throttled; returns how many. Rebuilds a lost topic."""
    after, count = ("00000000-0000-0000-0000-000000000000", 0), 0
    while True:
        async with engine.connect() as connection:
            page = await books.of_period(connection, service, period, after, BATCH)
        if not page:
            return count
        await bus.say([(fact, None) for fact in page])
        after, count = (page[-1].subject, page[-1].seq), count + len(page)
        await asyncio.sleep(RESAY_PAUSE)
