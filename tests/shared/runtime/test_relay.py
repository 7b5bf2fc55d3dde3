"""The relay says the lowest pending fact of each declaration, and deletes by key."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shared.runtime import facts
from shared.runtime.bus import MemoryBus
from shared.runtime.filing import FirstSayer
from shared.runtime.relay import resay, say_pending
from shared.runtime.timers import run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.toy import DEADLINES, LATE, a_filing, a_message, rows


def said(bus: MemoryBus) -> list[bytes]:
    return [dict(record.headers)["ce_id"] for log in bus.topics["quarantine.events"] for record in log]


async def note(work: UnitOfWork, seconds: int = 0) -> None:
    """Put every fact into the outbox, due in some seconds."""
    async with work.engine.begin() as connection:
        found = await facts.of_period(
            connection,
            work.service,
            (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
            ("00000000-0000-0000-0000-000000000000", 0),
            100,
        )
        await facts.insert_outbox(connection, found, datetime.now(UTC) + timedelta(seconds=seconds))


async def test_facts_of_one_declaration_are_said_in_order_one_a_round(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(version=1), 1)])
    await work.run([a_message(a_filing(version=2), 2)])
    await note(work)
    bus = MemoryBus()

    first = await say_pending(work.engine, bus, work.service)
    after_one = len(said(bus))
    while await say_pending(work.engine, bus, work.service):
        pass

    assert first
    assert after_one == 1
    assert [name[-2:] for name in said(bus)] == [b"/1", b"/2"]
    assert await rows(work.engine, "select count(*) from outbox") == [(0,)]


async def test_a_fact_is_not_said_while_a_lower_one_is_locked_by_another_relay(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(version=1), 1)])
    await work.run([a_message(a_filing(version=2), 2)])
    await note(work)
    bus = MemoryBus()

    async with work.engine.begin() as other:
        await other.execute(sa.text("select * from outbox where seq = 1 for update"))
        await say_pending(work.engine, bus, work.service)

    assert said(bus) == []


async def test_a_young_row_is_left_to_the_process_that_filed_it(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing())])
    await note(work, seconds=60)

    more = await say_pending(work.engine, MemoryBus(), work.service)

    assert not more
    assert await rows(work.engine, "select count(*) from outbox") == [(1,)]


async def test_a_fact_whose_saying_fails_stays_in_the_outbox(work: UnitOfWork) -> None:
    class AwayBus(MemoryBus):
        async def say(self, facts: object) -> None:  # noqa: ARG002
            raise ConnectionError("the broker is away")

    await work.run([a_message(a_filing())])
    await note(work)

    with suppress(ConnectionError):
        await say_pending(work.engine, AwayBus(), work.service)

    assert await rows(work.engine, "select count(*) from outbox") == [(1,)]


async def test_a_filing_is_said_from_memory_and_leaves_no_outbox_row(work: UnitOfWork) -> None:
    bus = MemoryBus()
    sayer = FirstSayer(work.engine, bus, "declaration")

    async with sayer.filing() as filing:
        await filing.file([a_filing(1), a_filing(2)])
    await sayer.close()

    assert sum(len(log) for log in bus.topics["declaration.events"]) == 2
    assert await rows(work.engine, "select count(*) from outbox") == [(0,)]
    assert await rows(work.engine, "select distinct next_seq from heads") == [(2,)]


async def test_rows_of_what_is_said_are_taken_away_together_a_moment_later(work: UnitOfWork) -> None:
    sayer = FirstSayer(work.engine, bus := MemoryBus(), "declaration")
    for number in (1, 2):
        async with sayer.filing() as filing:
            await filing.file([a_filing(number)])
    async with asyncio.timeout(10):
        while sum(len(log) for log in bus.topics["declaration.events"]) < 2:
            await asyncio.sleep(0)
    assert await rows(work.engine, "select count(*) from outbox") == [(2,)]

    async with asyncio.timeout(10):
        while await rows(work.engine, "select count(*) from outbox") != [(0,)]:
            await asyncio.sleep(0.01)


async def test_a_due_deadline_runs_once_and_its_fact_is_left_to_the_relay(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(order_no=LATE))])

    await run_due(work, DEADLINES)
    await run_due(work, DEADLINES)

    assert await rows(work.engine, "select sum from balances where buyer = 'late'") == [(10,)]
    assert await rows(work.engine, "select seq from outbox") == [(2,)]
    assert await rows(work.engine, "select count(*) from timers") == [(0,)]


async def test_resay_says_a_period_again_in_order(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(number)) for number in (1, 2, 3)])
    bus = MemoryBus()
    now = datetime.now(UTC)

    count = await resay(work.engine, bus, work.service, (now - timedelta(hours=1), now + timedelta(hours=1)))

    assert count == len(said(bus)) == 3
