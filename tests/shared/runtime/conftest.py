"""A toy room on a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.runtime.books import SQL
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.support.memory_books import MemoryBooks
from tests.support.memory_database import MemoryDatabase
from tests.support.shelf import Shelf
from tests.support.toy import toy_work


@pytest.fixture
async def work(make_database: MakeDatabase) -> AsyncIterator[UnitOfWork]:
    """The toy's unit of work on an empty database."""
    async with toy_work(make_database) as toy:
        yield toy


@pytest.fixture
async def owner(make_database: MakeDatabase) -> AsyncIterator[AsyncEngine]:
    """The owner's engine on a database at head."""
    database = await make_database("quarantine")
    await migrate("quarantine", database.owner_url)
    engine = open_engine(database.owner_url, pool_size=1, name="test")
    yield engine
    await engine.dispose()


@pytest.fixture(params=["memory", "sql"])
async def shelf(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Shelf]:
    """The runtime's books, in memory and in PostgreSQL."""
    if request.param == "memory":
        yield Shelf(MemoryBooks(), MemoryDatabase(clock=lambda: datetime.now(UTC)))
        return
    async with toy_work(make_database) as work:
        yield Shelf(SQL, work.engine)
