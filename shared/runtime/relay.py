"""Relay: says what Kafka will not bring again, lowest first; drains what waited; says periods again.

Relay and sweeper are one loop: the lowest pending outbox row of each declaration, judged also against locked and
young rows, said, then deleted by key. Never a delete by range, never a mark, never "id > last".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts.envelope import Fact
from shared.runtime.books import SQL, Books
from shared.runtime.bus import Bus, Message
from shared.runtime.database import reading
from shared.runtime.facts import FIRST, Period, has_unsaid
from shared.runtime.unit_of_work import UnitOfWork

BATCH = 500
RESAY_PAUSE = 0.05
"""Between pages of facts said again: repeats multiply downstream, so they are throttled."""
LOOK_AGAIN = 0.05
"""Until the outbox is looked at once more, by who waits for it to be empty."""
SLICE = 10_000
"""Facts of a slice of a period at the most, unless they are of one second: every page of it reads and sorts them."""
SHORTEST = timedelta(seconds=1)

Count = Callable[[Period], Awaitable[int]]


async def say_pending(engine: AsyncEngine, bus: Bus, service: str, books: Books = SQL) -> bool:
    """Say one batch from the outbox; whether there may be more."""
    async with books.begin(engine) as connection:
        found = await books.pending(connection, service, BATCH)
        if found:
            await bus.say([(fact, None) for fact in found])
            await books.delete_outbox(connection, found)
    return bool(found)


async def until_all_is_said(engine: AsyncEngine) -> None:
    """Wait until the outbox is empty."""
    while True:
        async with reading(engine) as connection:
            if not await has_unsaid(connection):
                return
        await asyncio.sleep(LOOK_AGAIN)


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


async def resay(engine: AsyncEngine, bus: Bus, service: str, period: Period, books: Books = SQL) -> int:
    """Say all facts of a period again, throttled; returns how many.

    Slice after slice, each in order of keys: by key alone, an hour would be looked for in all the years. A fact bears
    the moment at which its transaction began: of two about one declaration the later may lie in the slice before, and
    who hears it early keeps it until the other comes.
    """
    return await _say_again(bus, _pages_of_period(engine, service, period, books))


async def resay_all(engine: AsyncEngine, bus: Bus, service: str, books: Books = SQL) -> int:
    """Say all facts there are again, in order of keys, throttled; returns how many. Rebuilds a lost topic."""
    return await _say_again(bus, _pages(engine, partial(books.following, source=service, count=BATCH)))


async def slices_of(period: Period, count: Count, most: int) -> AsyncIterator[Period]:
    """A period cut into slices that hold something, `most` facts where that can be had: short where there is much,
    twice as long after each that held little, so that a night or a month of nothing is a few questions.
    """
    (since, until), length = period, SHORTEST
    while since < until:
        length = min(length, until - since)
        there = await count((since, since + length))
        if there > most and length > SHORTEST:
            length /= 2
            continue
        if there:
            yield since, since + length
        since += length
        length *= 2 if there <= most // 2 else 1


async def _say_again(bus: Bus, pages: AsyncIterator[list[Fact]]) -> int:
    count = 0
    async for page in pages:
        await bus.say([(fact, None) for fact in page])
        count += len(page)
        await asyncio.sleep(RESAY_PAUSE)
    return count


async def _pages_of_period(
    engine: AsyncEngine, service: str, period: Period, books: Books
) -> AsyncIterator[list[Fact]]:
    async def count(cut: Period) -> int:
        async with engine.connect() as connection:
            return await books.count_of_period(connection, cut, SLICE + 1)

    async for cut in slices_of(period, count, SLICE):
        async for page in _pages(engine, partial(books.of_period, source=service, period=cut, count=BATCH)):
            yield page


async def _pages(
    engine: AsyncEngine, read: Callable[..., Awaitable[list[Fact]]]
) -> AsyncIterator[list[Fact]]:
    """What is read in key order, each page from the place where the one before ended."""
    after, is_last = FIRST, False
    while not is_last:
        async with engine.connect() as connection:
            page = await read(connection, after=after)
        is_last = len(page) < BATCH
        if page:
            yield page
            after = page[-1].subject, page[-1].seq
