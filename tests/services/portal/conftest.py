"""The portal on a process of neighbours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from services.portal.desk import PortalDesk
from services.portal.main import build
from services.portal.watch import Hub
from shared.runtime.settings import Settings
from tests.support.neighbours import Neighbours
from tests.support.tokens import a_verifier


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours()


@pytest.fixture
async def app(neighbours: Neighbours) -> AsyncIterator[FastAPI]:
    made = build()
    made.state.verifier = a_verifier()
    settings = Settings(service="portal", urls=neighbours.urls(), gateway_url="http://gateway")
    async with neighbours.client() as http:
        made.state.runtime = SimpleNamespace(http=http, settings=settings)
        made.state.desk = PortalDesk(http, settings, made.openapi())
        made.state.desk.onlookers = Hub(limit=3, pause=0.01)
        made.state.desk.followers = Hub(limit=3, pause=0.01)
        yield made
        made.state.desk.close()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
