"""Database: a connection that the server has ended is not given out."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa

from shared.runtime.unit_of_work import UnitOfWork


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
