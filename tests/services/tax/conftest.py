"""Fixtures of the tax tests: a desk over the fake and one over real SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.databases import Database
from services.tax.handlers import SUBSCRIPTIONS
from services.tax.main import build
from services.tax.store import SqlTaxLedger
from shared.contracts.registry import PartyRegistered
from shared.runtime.database import open_engine
from shared.runtime.settings import Settings
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.billed import issue, release
from tests.services.tax.cases import GUARANTOR
from tests.services.tax.desks import Desk, MemoryDesk, SqlDesk
from tests.support.backends import Backends
from tests.support.migrated import migrated_database
from tests.support.neighbours import a_quarantine
from tests.support.tokens import a_verifier

_EMPTY = sa.text(
    """truncate assessments, waiting_filings, quotas, year_notes, accounts, deposits, entries, bills, bill_items,
       payments, withdrawals, refunds, timers, reviews, heads, facts, outbox, waiting"""
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


@pytest.fixture
async def billed(tax_engine: AsyncEngine) -> SqlDesk:
    """Two released declarations on an issued bill of 18.20."""
    desk = SqlDesk(tax_engine)
    await release(desk, 1, 2)
    await issue(desk, now=datetime.now(UTC))
    return desk


@pytest.fixture
def work(tax_engine: AsyncEngine) -> UnitOfWork:
    return UnitOfWork(service="tax", engine=tax_engine, store=SqlTaxLedger, subscriptions=SUBSCRIPTIONS)


@pytest.fixture
async def tax_app(tax_engine: AsyncEngine, work: UnitOfWork, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The service's application, with quarantine's door beside it."""
    app = build()
    app.state.verifier = a_verifier()
    app.state.verifier.apply(PartyRegistered(code=GUARANTOR, name="Agent", roles=("agent",)))
    app.state.verifier.apply(PartyRegistered(code="PAYMENT001", name="Pay", roles=("payment_firm",)))
    async with a_quarantine() as http:
        app.state.runtime = SimpleNamespace(
            engine=tax_engine,
            work=work,
            settings=Settings(service="tax", secrets_dir=tmp_path),
            http=http,
            url=lambda service: f"http://{service}",
        )
        yield app


@pytest.fixture
async def client(tax_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(tax_app), base_url="http://tax") as opened:
        yield opened
