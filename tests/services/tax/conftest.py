"""Fixtures of the tax tests: a desk over the fake and one over real SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.databases import Database
from shared.runtime.database import open_engine
from tests.services.tax.desks import Desk, MemoryDesk, SqlDesk
from tests.support.backends import Backends
from tests.support.migrated import migrated_database

_EMPTY = sa.text(
    """truncate assessments, waiting_filings, quotas, accounts, deposits,
       timers, reviews, heads, facts, outbox, waiting"""
)


@pytest.fixture(scope="module")
def tax_database(backends: Backends) -> Iterator[Database]:
    """A migrated database for the tests of one file."""
    with migrated_database(backends, "tax") as database:
        yield database


@pytest.fixture
async def tax_engine(tax_database: Database) -> AsyncIterator[AsyncEngine]:
    """An engine of the service's own role, on emptied tables."""
    owner = open_engine(tax_database.owner_url, pool_size=1, name="tax-tests-owner")
    async with owner.begin() as connection:
        await connection.execute(_EMPTY)
    await owner.dispose()
    engine = open_engine(tax_database.url, pool_size=10, name="tax-tests")
    yield engine
    await engine.dispose()


@pytest.fixture(params=["memory", "sql"])
def desk(request: pytest.FixtureRequest) -> Desk:
    """The same tests on the fake and on SQL."""
    return MemoryDesk() if request.param == "memory" else SqlDesk(request.getfixturevalue("tax_engine"))
