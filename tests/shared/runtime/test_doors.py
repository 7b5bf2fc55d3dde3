"""Doors: what a request reads with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI

from shared.runtime.database import open_engine
from shared.runtime.doors import reader
from tests.conftest import MakeDatabase


async def test_whatever_a_request_reads_it_holds_one_connection(make_database: MakeDatabase) -> None:
    database = await make_database("quarantine")
    engine = open_engine(database.url, pool_size=1, name="test")
    app = FastAPI()
    app.state.runtime = SimpleNamespace(engine=engine)
    stores: list[Any] = []

    @app.get("/")
    async def both(
        one: Annotated[Any, Depends(reader(lambda connection: ["one", connection]))],
        two: Annotated[Any, Depends(reader(lambda connection: ["two", connection]))],
    ) -> None:
        stores.extend([one, two])

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/")
    await engine.dispose()

    assert answer.status_code == 200
    (one, first), (two, second) = stores
    assert (one, two) == ("one", "two")
    assert first is second
