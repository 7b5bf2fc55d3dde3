"""Fixtures of the logistics tests: a desk over the fake and one over real SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.databases import Database, create_database, drop_database
from services.logistics.store import SqlConsignments
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from tests.services.logistics.words import Desk
from tests.support.backends import Backends, fresh_prefix
from tests.support.memory_logistics import MemoryConsignments


@pytest.fixture(scope="session")
def logistics_database(backends: Backends) -> Iterator[Database]:
    """A migrated database for transactions that are rolled back."""

    async def lay() -> Database:
        database = await create_database(backends.admin_url, f"logistics_{fresh_prefix().strip('.')}")
        await migrate("logistics", database.owner_url)
        return database

    database = asyncio.run(lay())
    yield database
    asyncio.run(drop_database(backends.admin_url, database.name))


@pytest.fixture
async def sql_desk(logistics_database: Database) -> AsyncIterator[SqlConsignments]:
    """Real tables in a transaction that is rolled back; CARRIER001 is registered."""
    engine = open_engine(logistics_database.url, pool_size=1, name="test")
    async with engine.connect() as connection:
        consignments = SqlConsignments(connection)
        await consignments.register_carriers(["CARRIER001"])
        yield consignments
    await engine.dispose()


@pytest.fixture(params=["memory", "sql"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """The same tests on the fake and on SQL."""
    return (
        MemoryConsignments("CARRIER001") if request.param == "memory" else request.getfixturevalue("sql_desk")
    )
