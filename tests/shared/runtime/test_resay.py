"""Resay: a topic that was lost is there again, made of facts alone; a period is found, whatever is stored."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contracts.codec import encode
from shared.runtime import facts, relay
from shared.runtime.books import SQL
from shared.runtime.bus import MemoryBus, Record
from shared.runtime.database import open_engine
from shared.runtime.kafka.tail import KafkaTail
from shared.runtime.migrate import migrate, migrations_of
from shared.runtime.partitions import lay_partitions
from shared.runtime.resay import main, resay_all
from shared.runtime.settings import SERVICES, Settings
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.support.memory_books import MemoryBooks
from tests.support.memory_database import MemoryDatabase
from tests.support.migrated import migrations_before
from tests.support.shelf import LONG_AGO, ONE, TWO, Shelf, a_fact
from tests.support.toy import a_filing, a_message, rows, said

SECOND, LATER = timedelta(seconds=1), timedelta(days=300)
PERIOD = (LONG_AGO, LONG_AGO + timedelta(days=900))
MANY = """insert into facts
          select gen_random_uuid(), 1, 1, 'quarantine.triaged.v1', '', 'request', 0, now() + n * interval '1 ms', ''
          from generate_series(1, 20000) n"""
INDEXED = """select count(*) from pg_inherits join pg_class on pg_class.oid = inhrelid
             where inhparent = to_regclass('facts_recorded') and 'autosummarize=on' = any (reloptions)"""
PARTITIONS = "select count(*) from pg_inherits where inhparent = 'facts'::regclass"


@pytest.fixture(params=["memory", "sql"])
async def shelf(request: pytest.FixtureRequest, owner: AsyncEngine) -> Shelf:
    if request.param == "memory":
        return Shelf(MemoryBooks(), MemoryDatabase(clock=lambda: datetime.now(UTC)))
    return Shelf(SQL, owner)


def settings_of(work: UnitOfWork, bootstrap: str, topic_prefix: str) -> Settings:
    """As the toy's service would be run."""
    return Settings(
        service=work.service,
        database_url=work.engine.url.render_as_string(hide_password=False).replace("+asyncpg", ""),
        bootstrap_servers=bootstrap,
        topic_prefix=topic_prefix,
    )


async def heard(settings: Settings) -> list[Record]:
    """What is on the service's topic."""
    tail, records = KafkaTail(settings, settings.service), list[Record]()
    while not records or not await tail.is_at_end():
        records += await tail.poll()
    await tail.stop()
    return records


async def test_a_lost_topic_is_made_again_from_the_facts_without_the_service(
    work: UnitOfWork, bootstrap: str, topic_prefix: str
) -> None:
    filings = [a_filing(number) for number in range(1, 1201)]  # more than a page
    await work.run([a_message(filing) for filing in filings])
    settings = settings_of(work, bootstrap, topic_prefix)

    assert await resay_all(settings) == len(filings)

    assert {record.key: record.value for record in await heard(settings)} == {
        filing.declaration_id.encode(): encode(said(filing)) for filing in filings
    }


async def test_what_is_said_again_is_kept_as_long_as_what_is_new(
    work: UnitOfWork, bootstrap: str, topic_prefix: str
) -> None:
    """Topics forget after a week, counted from when a record was put there, not from when its fact was."""
    await work.run([a_message(a_filing())])
    async with work.engine.begin() as connection:
        await connection.execute(sa.text("update facts set recorded_at = recorded_at - interval '30 days'"))
    settings = settings_of(work, bootstrap, topic_prefix)

    await resay_all(settings)

    (record,) = await heard(settings)
    put_there = datetime.fromtimestamp(getattr(record, "timestamp") / 1000, UTC)  # noqa: B009 - Kafka's alone
    assert datetime.now(UTC) - put_there < timedelta(hours=1)


def test_who_says_nothing_is_told_so() -> None:
    with pytest.raises(SystemExit, match="portal says nothing"):
        main("portal")


async def test_facts_are_counted_from_a_moment_until_just_before_another(shelf: Shelf) -> None:
    await shelf.keep(*(a_fact(seq=seq, at=LONG_AGO + seq * SECOND) for seq in (1, 2, 3, 4)))
    period = (LONG_AGO + SECOND, LONG_AGO + 4 * SECOND)

    async with shelf.engine.connect() as connection:
        counted = [await shelf.books.count_of_period(connection, period, most) for most in (9, 2)]

    assert counted == [3, 2]


async def test_all_facts_are_read_in_pages_in_key_order(shelf: Shelf) -> None:
    await shelf.keep(a_fact(2, 1), a_fact(1, 2), a_fact(1, 1, at=LONG_AGO + LATER))

    async with shelf.engine.connect() as connection:
        first = await shelf.books.following(connection, "quarantine", facts.FIRST, 2)
        second = await shelf.books.following(connection, "quarantine", (ONE, 2), 2)

    assert [(fact.subject, fact.seq) for fact in first + second] == [(ONE, 1), (ONE, 2), (TWO, 1)]


async def test_a_period_with_gaps_and_equal_moments_is_said_exactly_once(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("BATCH", 2), ("SLICE", 5), ("RESAY_PAUSE", 0)):
        monkeypatch.setattr(relay, name, value)
    first, last = PERIOD[0], PERIOD[1] - timedelta(microseconds=1)
    bounds = [first, first, first + SECOND, first + SECOND, first + 3 * SECOND]
    crowd = [first + LATER] * 13 + [first + LATER + SECOND] * 2 + [last, last]
    inside = [a_fact(1, seq, at=at) for seq, at in enumerate(bounds + crowd, 1)]
    await shelf.keep(*inside, a_fact(2, 1, at=first - timedelta(microseconds=1)), a_fact(2, 2, at=PERIOD[1]))
    bus = MemoryBus()

    count = await relay.resay(shelf.engine, bus, "quarantine", PERIOD, shelf.books)

    told = [dict(record.headers)["ce_id"] for log in bus.topics["quarantine.events"] for record in log]
    assert [int(name.rpartition(b"/")[2]) for name in told] == [fact.seq for fact in inside]
    assert count == len(inside)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("asked", [facts._COUNT, facts._PERIOD], ids=["count", "page"])
async def test_a_period_is_found_by_its_index_and_not_by_walking_the_key(
    owner: AsyncEngine, mode: str, asked: sa.TextClause
) -> None:
    values = {"since": datetime.now(UTC), "until": datetime.now(UTC) + SECOND, "most": 9, "count": 500}
    async with owner.begin() as connection:
        await connection.execute(sa.text(MANY))
        await connection.execute(sa.text("analyze facts"))
        await connection.execute(sa.text(f"set local plan_cache_mode = {mode}"))
        place = dict(zip(("subject", "seq"), facts.FIRST, strict=True))
        plan = await connection.execute(sa.text(f"explain {asked}"), values | place)
        steps = " ".join(row[0] for row in plan)

    assert "Bitmap Index Scan on facts_rest_recorded_at_idx" in steps
    assert "pkey" not in steps
    assert "Seq Scan" not in steps


async def test_months_laid_later_have_the_index_and_are_summed_up_as_they_grow(owner: AsyncEngine) -> None:
    async with owner.begin() as connection:
        await lay_partitions(connection, datetime(2099, 5, 20, tzinfo=UTC))

    assert await rows(owner, INDEXED) == await rows(owner, PARTITIONS)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_database_of_before_gets_the_index(
    service: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    (recorded,) = migrations_of(service).glob("*_recorded.py")
    database = await make_database(service)
    await migrate(service, database.owner_url, migrations_before(service, recorded.name, tmp_path))
    engine = open_engine(database.owner_url, pool_size=1, name="test")
    async with engine.begin() as connection:
        await connection.execute(sa.text("drop index facts_recorded"))

    shutil.copy(recorded, tmp_path)
    await migrate(service, database.owner_url, tmp_path)

    assert await rows(engine, INDEXED) == await rows(engine, PARTITIONS) != [(0,)]
    await engine.dispose()
