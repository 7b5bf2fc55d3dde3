"""Stage: the portal on a real port, the real rules of a quote behind it, and told neighbours."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn

from services.portal.desk import PortalDesk
from services.portal.main import build
from services.tax.main import build as build_tax
from shared.runtime.settings import Settings
from tests.services.portal.test_accounts import ACCOUNT, HERE, PARTS
from tests.services.portal.test_pages import TALLY
from tests.support.neighbours import Neighbours, a_quarantine
from tests.support.tokens import a_token, a_verifier
from tests.support.told import AT, SHOWN, cleared

SECRET = "sandbox-officer-tax"


class NoDatabase:
    """A quote without a buyer asks no database anything."""

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[NoDatabase]:
        """A connection that nothing can be asked of."""
        yield self

    async def execution_options(self, **_: str) -> NoDatabase:
        """The same."""
        return self


class Stage:
    """A server in a thread of its own."""

    def __init__(self) -> None:
        self.neighbours = Neighbours()
        self._tell()
        self._tax = build_tax()
        self._tax.state.verifier = a_verifier()
        self._tax.state.runtime = SimpleNamespace(
            engine=NoDatabase(), http=a_quarantine(), url=lambda service: f"http://{service}"
        )
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        config = uvicorn.Config(self._portal(), port=0, lifespan="off", log_level="critical", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < until, "the portal did not start"
            self._thread.join(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"

    def _portal(self) -> Any:
        app = build()
        app.state.verifier = a_verifier()
        settings = Settings(service="portal", urls=self.neighbours.urls(), gateway_url="http://gateway")
        app.state.runtime = SimpleNamespace(http=self._http, settings=settings)
        app.state.desk = PortalDesk(self._http, settings, app.openapi())
        return app

    def _tell(self) -> None:
        told = self.neighbours.documents
        told["clearance", "/internal/tally"] = TALLY
        told["declaration", "/internal/door"] = {"refused": 81}
        told["declaration", "/v1/declarations"] = {"items": [SHOWN], "next_cursor": None}
        told["declaration", AT] = SHOWN
        told["declaration", f"{AT}/timeline"] = {"facts": cleared(), "away": []}
        told["tax", "/internal/status"] = {"lag": 17, "parked": 0, "early": 0, "outbox": 0}
        told["tax", HERE] = ACCOUNT
        told["tax", "/v1/accounts"] = {"items": [ACCOUNT], "next_after": None}
        for path, items in PARTS.items():
            told["tax", path] = {"items": items, "next_cursor": None}

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """Tokens and quotes as they really are; whatever else as told."""
        if request.url.path == "/oauth/token":
            return _token(dict(httpx.QueryParams(request.content.decode())))
        if request.url.path in ("/v1/quotes", "/v1/law"):
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self._tax)) as tax:
                return await tax.send(request)
        return self.neighbours.answer(request)

    def close(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(20)
        asyncio.run(self._http.aclose())


def _token(form: dict[str, str]) -> httpx.Response:
    """The observer's token, or a tax officer's for the right secret."""
    officer = form["client_id"] == "officer-tax"
    if officer and form["client_secret"] != SECRET:
        return httpx.Response(401, json={"error": "invalid_client"})
    at = int(time.time())
    scope = "reviews:tax accounts:read" if officer else "declarations:read"
    token = a_token(sub=form["client_id"], party="TAXOFFICE1", scope=scope, iat=at, nbf=at, exp=at + 3600)
    return httpx.Response(200, json={"access_token": token, "expires_in": 3600})
