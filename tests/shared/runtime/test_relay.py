"""The relay says the lowest pending fact of each declaration, and deletes by key."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.runtime import facts
from shared.runtime.bus import MemoryBus
from shared.runtime.facts import Period
from shared.runtime.filing import FirstSayer
from shared.runtime.relay import LOOK_AGAIN, SHORTEST, resay, say_pending, slices_of, until_all_is_said
from shared.runtime.timers import run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.toy import DEADLINES, LATE, a_filing, a_message, rows

START, YEAR, TICK = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=365), timedelta(microseconds=1)
MOMENTS = st.sampled_from((TICK, SHORTEST, YEAR / 12)).flatmap(
    lambda step: st.integers(-2, 20).map(lambda steps: START + steps * step)
)
"""Crowded within microseconds, on the bounds of slices, and months apart."""


def said(bus: MemoryBus) -> list[bytes]:
    return [dict(record.headers)["ce_id"] for log in bus.topics["quarantine.events"] for record in log]


async def note(work: UnitOfWork, seconds: int = 0) -> None:
    """Put every fact into the outbox, due in some seconds."""
    async with work.engine.begin() as connection:
        found = await facts.of_period(
            connection,
            work.service,
            (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
            facts.FIRST,
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


async def test_all_is_said_when_the_outbox_is_empty(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(version=1), 1)])
    await note(work)
    waiting, bus = asyncio.create_task(until_all_is_said(work.engine)), MemoryBus()
    done, _ = await asyncio.wait([waiting], timeout=3 * LOOK_AGAIN)
    assert not done

    await say_pending(work.engine, bus, work.service)
    await waiting

    assert len(said(bus)) == 1


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


async def test_what_is_more_than_memory_holds_is_left_to_the_relay(
    work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    sayer = FirstSayer(work.engine, bus := MemoryBus(), "declaration")
    async with sayer.filing() as filing:
        await filing.file([a_filing(1)])
    monkeypatch.setattr("shared.runtime.filing.MEMORY", len(filing.made[0].body) * 3 // 2)

    async with sayer.filing() as filing:
        await filing.file([a_filing(2), a_filing(3)])
    for number in (4, 5, 6):
        async with asyncio.timeout(10):
            while sum(len(log) for log in bus.topics["declaration.events"]) < number - 3:
                await asyncio.sleep(0)
        async with sayer.filing() as filing:
            await filing.file([a_filing(number)])
    await sayer.close()

    assert sum(len(log) for log in bus.topics["declaration.events"]) == 4
    assert await rows(work.engine, "select count(*) from outbox") == [(2,)]


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


def cut(period: Period, recorded: list[datetime], most: int) -> tuple[list[Period], int]:
    """The slices of a period in which facts were recorded, and how often it was asked how many."""
    asked = 0

    async def count(where: Period) -> int:
        nonlocal asked
        asked += 1
        return sum(where[0] <= moment < where[1] for moment in recorded)

    async def every() -> list[Period]:
        return [each async for each in slices_of(period, count, most)]

    return asyncio.run(every()), asked


@settings(deadline=None)
@given(st.tuples(MOMENTS, MOMENTS), st.lists(MOMENTS), st.integers(1, 5))
def test_what_is_recorded_in_a_period_lies_in_one_slice_of_it(
    period: Period, recorded: list[datetime], most: int
) -> None:
    slices, _ = cut(period, recorded, most)

    for moment in recorded:
        assert sum(since <= moment < until for since, until in slices) == (period[0] <= moment < period[1])
    for since, until in slices:
        there = sum(since <= moment < until for moment in recorded)
        assert there
        assert there <= most or until - since <= SHORTEST


def test_years_without_a_fact_are_not_walked_second_by_second() -> None:
    recorded = [START, START + 5 * YEAR, START + 5 * YEAR + SHORTEST]

    slices, asked = cut((START, START + 100 * YEAR), recorded, most=1)

    assert len(slices) == 3
    assert asked < 150
