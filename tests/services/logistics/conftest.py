"""Fixtures of the logistics tests: a desk over the fake and one over real SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.databases import Database
from services.logistics.api import router
from services.logistics.handlers import SUBSCRIPTIONS
from services.logistics.store import SqlConsignments
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.problems import answer_problems
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.services.logistics.words import Desk
from tests.support.backends import Backends
from tests.support.memory_logistics import MemoryConsignments
from tests.support.migrated import migrated_database
from tests.support.tokens import a_verifier


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


@pytest.fixture
async def engine(make_database: MakeDatabase) -> AsyncIterator[AsyncEngine]:
    database = await make_database("logistics")
    await migrate("logistics", database.owner_url)
    engine = open_engine(database.url, pool_size=8, name="test")
    async with engine.begin() as connection:
        await SqlConsignments(connection).register_carriers(["CARRIER001"])
    yield engine
    await engine.dispose()


@pytest.fixture
async def client(engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router)
    answer_problems(app)
    work = UnitOfWork("logistics", engine, SqlConsignments, SUBSCRIPTIONS)
    app.state.runtime = SimpleNamespace(engine=engine, work=work)
    app.state.verifier = a_verifier()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
