"""Fixtures of the logistics tests: a desk over the fake and one over real SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.databases import Database
from services.logistics.store import SqlConsignments
from shared.runtime.database import open_engine
from tests.services.logistics.words import Desk
from tests.support.backends import Backends
from tests.support.memory_logistics import MemoryConsignments
from tests.support.migrated import migrated_database


@pytest.fixture(scope="session")
def logistics_database(backends: Backends) -> Iterator[Database]:
    """A migrated database for transactions that are rolled back."""
    with migrated_database(backends, "logistics") as database:
        yield database


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
