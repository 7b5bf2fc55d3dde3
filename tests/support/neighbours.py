"""Neighbours: the other services as the portal sees them, in one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from services.quarantine.main import build as build_quarantine
from tests.support.tokens import a_verifier

Answering = Callable[[httpx.Request], httpx.Response]


def a_quarantine() -> httpx.AsyncClient:
    """The door of quarantine as it really is, without its database: its rules ask none."""
    app = build_quarantine()
    app.state.verifier = a_verifier()
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))


class Neighbours:
    """Answers by service and path; what is not set is away."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Any] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.queries: dict[tuple[str, str], str] = {}

    def urls(self) -> dict[str, str]:
        services = ("registry", "portal", "declaration", "tax", "quarantine", "logistics", "clearance")
        return {name: f"http://{name}" for name in services}

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        service, path = request.url.host, request.url.path
        self.queries[service, path] = request.url.query.decode()
        self.asked.append((service, path, request.headers.get("authorization", "")))
        if service == "registry" and path == "/oauth/token" and (service, path) not in self.documents:
            return httpx.Response(200, json={"access_token": "observer", "expires_in": 3600})
        found = self.documents.get((service, path))
        if found is None:
            raise httpx.ConnectError("away")
        if callable(found):
            return found(request)  # type: ignore[no-any-return]
        if isinstance(found, httpx.Response):
            return found
        return httpx.Response(200, json=found)
