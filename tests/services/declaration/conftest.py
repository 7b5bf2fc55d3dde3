"""Fixtures: the declaration service's door on real tables, its bus in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.api import file_at_once, is_plainly_filed, router
from services.declaration.desk import Desk
from services.declaration.handlers import SUBSCRIPTIONS
from services.declaration.pages import inside
from services.declaration.pages import router as pages
from services.declaration.returning import router as returning
from services.declaration.store import SqlDeclarations
from shared.contracts.registry import PartyRegistered, Role
from shared.runtime.bus import MemoryBus
from shared.runtime.database import open_engine
from shared.runtime.express import ExpressApp
from shared.runtime.filing import FirstSayer
from shared.runtime.migrate import migrate
from shared.runtime.problems import answer_problems
from shared.runtime.replica import Runtime
from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.services.declaration.filings import Store
from tests.support.builders import NOW
from tests.support.memory_declaration import MemoryDeclarations
from tests.support.tokens import a_verifier

ROLES: dict[str, Role] = {
    "PLATFORM01": "platform",
    "SELLER0001": "seller",
    "SELLER0002": "seller",
    "PAYMENT001": "payment_firm",
    "CARRIER001": "carrier",
    "AGENT00001": "agent",
}


@pytest.fixture
async def strangers(make_database: MakeDatabase) -> AsyncIterator[AsyncEngine]:
    """A database in which nobody is known."""
    database = await make_database("declaration")
    await migrate("declaration", database.owner_url)
    engine = open_engine(database.url, pool_size=8, name="test")
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(strangers: AsyncEngine) -> AsyncEngine:
    """One in which those of `ROLES` are."""
    registered = [PartyRegistered(code=code, name=code, roles=(role,)) for code, role in ROLES.items()]
    async with strangers.begin() as connection:
        await SqlDeclarations(connection).save_parties(registered, NOW)
    return strangers


class AllIsHeard:
    """Whether registry is heard to its end; asked as the runtime is."""

    is_so = True

    async def __call__(self) -> bool:
        return self.is_so


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
async def app(engine: AsyncEngine, bus: MemoryBus, tmp_path: Path) -> AsyncIterator[ExpressApp]:
    sayer = FirstSayer(engine, bus, "declaration")
    runtime: Any = SimpleNamespace(
        engine=engine,
        work=UnitOfWork("declaration", engine, SqlDeclarations, SUBSCRIPTIONS),
        filing=sayer.filing,
        settings=SimpleNamespace(secrets_dir=tmp_path, intake_limit=2000, sandbox=True),
        http=httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))),
        url=lambda service: f"http://{service}",
        has_heard_registry=AllIsHeard(),
    )
    desk = Desk()
    await desk.open(cast(Runtime, runtime))
    app = ExpressApp(redirect_slashes=False)
    app.express("POST", "/v1/declarations", file_at_once, is_plain=is_plainly_filed)
    app.include_router(router)
    app.include_router(pages)
    app.include_router(returning)
    app.include_router(inside)
    answer_problems(app)
    app.state.runtime, app.state.verifier, app.state.desk = runtime, a_verifier(), desk
    yield app
    await desk.close(runtime)
    await sayer.close()
    await runtime.http.aclose()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryDeclarations()
        return
    database = await make_database("declaration")
    await migrate("declaration", database.owner_url)
    engine = open_engine(database.url, pool_size=2, name="test")
    async with engine.begin() as connection:
        yield SqlDeclarations(connection)
    await engine.dispose()
