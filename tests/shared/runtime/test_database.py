"""Database: a connection that the server has ended is not given out."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.runtime.access import TokenVerifier
from shared.runtime.database import fetch, open_engine, reading, transaction
from shared.runtime.failures import InDoubt, is_transient
from shared.runtime.replica import Runtime
from shared.runtime.room import Room
from shared.runtime.settings import Settings
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.support.proxy import Proxy, through


async def test_what_the_server_ended_while_it_rested_is_replaced_unnoticed(work: UnitOfWork) -> None:
    async with work.engine.connect() as resting, work.engine.connect() as other:
        driver = (await resting.get_raw_connection()).driver_connection
        assert driver is not None
        await other.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": driver.get_server_pid()})
        async with asyncio.timeout(5):
            while not driver.is_closed():
                await asyncio.sleep(0.01)

    for _ in range(4):
        async with work.engine.connect() as connection:
            assert (await connection.execute(sa.text("select 1"))).scalar_one() == 1


async def test_a_server_that_has_said_its_last_and_not_hung_up_is_left_and_the_work_may_be_tried_again(
    make_database: MakeDatabase,
) -> None:
    kept = await make_database("quarantine")
    line = Proxy(urlsplit(kept.url).port or 5432)
    line.keeps_ends = True
    await line.open()
    direct = open_engine(kept.url, pool_size=1, name="direct")
    engine = open_engine(through(kept.url, line.port), pool_size=1, name="by the line")

    for way in (transaction, AsyncEngine.begin):
        await end_it_at_rest(engine, direct, line)
        with pytest.raises(Exception, match="cannot switch to state") as fault:
            async with way(engine) as connection:
                await connection.execute(sa.text("select 1"))
        assert is_transient(fault.value)
        async with way(engine) as connection:
            assert (await connection.execute(sa.text("select 1"))).scalar_one() == 1

    line.keeps_ends = False
    await engine.dispose()
    await direct.dispose()
    await line.close()


async def end_it_at_rest(engine: AsyncEngine, other: AsyncEngine, line: Proxy) -> None:
    """The server ends the resting connection of a pool of one; the word of it arrives, the end of it does not."""
    line.has_kept_one.clear()
    async with engine.connect() as resting:
        driver = (await resting.get_raw_connection()).driver_connection
        assert driver is not None
    async with other.connect() as killer:
        await killer.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": driver.get_server_pid()})
        async with asyncio.timeout(5):
            await line.has_kept_one.wait()
        await killer.execute(sa.text("select 1"))  # a turn of the loop, in which the word is read
    assert not driver.is_closed()


@pytest.mark.parametrize("patience", [0.5, 5.0], ids=["it fails", "it is given up"])
async def test_what_follows_a_beginning_that_was_not_answered_is_kept_where_it_says_so(
    make_database: MakeDatabase, patience: float
) -> None:
    kept = await make_database("quarantine")
    line = Proxy(urlsplit(kept.owner_url).port or 5432)
    await line.open()
    direct = open_engine(kept.owner_url, pool_size=1, name="direct")
    engine = open_engine(
        through(kept.owner_url, line.port), pool_size=1, name="by the line", patience=patience
    )
    await run(direct, "create table said (n integer)")
    await run(engine, "select 1")

    line.fall_silent()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run(engine, "insert into said values (1)"), 1)
    second = asyncio.create_task(run(engine, "insert into said values (2)"))
    async with asyncio.timeout(5):
        while "Checked out connections: 1" not in engine.pool.status():
            await asyncio.sleep(0)
    line.speak()
    await second

    assert [row[0] for row in await run(direct, "select n from said")] == [2]
    await engine.dispose()
    await direct.dispose()
    await line.close()


async def test_where_the_line_goes_before_the_answer_to_a_commit_nobody_knows(
    make_database: MakeDatabase,
) -> None:
    kept = await make_database("quarantine")
    engine, other = (open_engine(kept.url, pool_size=1, name=name) for name in ("one", "other"))

    async def lose_the_line() -> None:
        async with transaction(engine) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            async with other.connect() as killer:
                ended = sa.text("select pg_terminate_backend(:pid, 5000)")
                await killer.execute(ended, {"pid": driver.get_server_pid()})

    with pytest.raises(InDoubt) as doubt:
        await lose_the_line()

    assert is_transient(doubt.value)
    await engine.dispose()
    await other.dispose()


async def test_what_the_server_refuses_at_the_end_is_no_doubt(make_database: MakeDatabase) -> None:
    kept = await make_database("quarantine")
    engine = open_engine(kept.owner_url, pool_size=1, name="test")
    await run(engine, "create table once (n integer unique deferrable initially deferred)")

    with pytest.raises(asyncpg.UniqueViolationError):
        await run(engine, "insert into once values (1), (1)")

    await engine.dispose()


async def test_each_statement_is_read_by_itself_and_the_next_transaction_is_one_again(
    make_database: MakeDatabase,
) -> None:
    kept = await make_database("quarantine")
    engine = open_engine(kept.owner_url, pool_size=1, name="test")
    asked = sa.text("select transaction_timestamp()")

    async with reading(engine) as connection:
        read = {(await fetch(connection, asked))[0][0] for _ in range(2)}
    async with transaction(engine) as connection:
        kept_still = {(await fetch(connection, asked))[0][0] for _ in range(2)}
    async with engine.connect() as connection:
        plain = {(await fetch(connection, asked))[0][0] for _ in range(2)}

    assert (len(read), len(kept_still), len(plain)) == (2, 1, 1)
    await engine.dispose()


async def test_a_replica_plans_its_work_once_and_what_it_is_asked_each_time(
    make_database: MakeDatabase,
) -> None:
    kept = await make_database("quarantine")
    settings = Settings(service="quarantine", database_url=kept.owner_url)
    replica = Runtime(Room(name="quarantine", store=lambda _: None), settings, TokenVerifier())
    asked = sa.text("select 1 from pg_class where oid = any(cast(:ids as oid[]))")
    plans = sa.text(
        "select custom_plans, generic_plans from pg_prepared_statements where statement like :text"
    )
    made = []

    for engine in (replica.work.engine, replica.engine):
        async with transaction(engine) as connection:
            for count in (1, 10, 100):
                await fetch(connection, asked, {"ids": list(range(count))})
            made += await fetch(connection, plans, {"text": "select 1 from pg_class%"})
        await engine.dispose()
    await replica.http.aclose()

    assert [tuple(each) for each in made] == [(0, 3), (3, 0)]


async def test_no_statement_begins_processes_of_its_own(make_database: MakeDatabase) -> None:
    database = await make_database("quarantine")
    engine = open_engine(database.owner_url, pool_size=1, name="test")
    free = (
        "parallel_setup_cost",
        "parallel_tuple_cost",
        "min_parallel_table_scan_size",
        "min_parallel_index_scan_size",
    )
    async with engine.begin() as connection:
        for price in free:
            await connection.execute(sa.text(f"set local {price} = 0"))
        explained = await connection.execute(sa.text("explain select count(*) from pg_attribute"))
        plan = explained.scalars().all()
    await engine.dispose()

    assert plan
    assert not [step for step in plan if "Gather" in step]


@pytest.mark.parametrize("way", ["driver", "sqlalchemy"])
async def test_work_that_a_migration_overtakes_may_be_tried_again(
    make_database: MakeDatabase, way: str
) -> None:
    kept = await make_database("quarantine")
    engine, migrating = (open_engine(kept.owner_url, pool_size=1, name=name) for name in ("service", "owner"))
    await run(migrating, "create table counted (n integer)")
    assert await run(engine, "select * from counted", way) == []
    await run(migrating, "alter table counted add column m integer")

    with pytest.raises(Exception, match="cached statement plan") as fault:
        await run(engine, "select * from counted", way)

    assert is_transient(fault.value)
    assert await run(engine, "select * from counted", way) == []
    await engine.dispose()
    await migrating.dispose()


async def run(engine: AsyncEngine, statement: str, way: str = "driver") -> list[Any]:
    """Straight to the driver, as what runs for every batch; or by way of SQLAlchemy."""
    async with transaction(engine) as connection:
        if way == "driver":
            return await fetch(connection, sa.text(statement))
        return list((await connection.execute(sa.text(statement))).all())


async def test_the_driver_takes_lists_and_tuples_for_arrays_and_asks_the_slow_abstract_classes_no_more(
    work: UnitOfWork,
) -> None:
    statement = sa.text("select cardinality(cast(:names as text[]))")
    async with reading(work.engine) as connection:
        for names in (["a", "b"], ("a", "b")):
            assert (await fetch(connection, statement, {"names": names}))[0][0] == len(names)
        with pytest.raises(asyncpg.DataError, match="a sized iterable container expected"):
            await fetch(connection, statement, {"names": {"a", "b"}})
