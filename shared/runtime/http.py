"""HTTP: the trace of each request, and the client for reads that compose.

The middleware is pure ASGI: the framework's own base class runs the request in a cancel scope that can kill a
database session when a client leaves.
"""

from __future__ import annotations

import httpx
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime import telemetry

DEADLINE = 2.0
"""Seconds that another service has to answer."""


class Trace:
    """Takes up or begins the W3C trace of a request, answers it as `traceresponse`, logs what failed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = telemetry.follow_trace(Headers(scope=scope).get("traceparent"))

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["traceresponse"] = trace
                if message["status"] >= 500:
                    telemetry.log("api").warning(
                        "answered",
                        status=message["status"],
                        path=scope["path"],
                        trace_id=telemetry.trace_id(trace),
                    )
            await send(message)

        await self._app(scope, receive, send_traced)


def open_client() -> httpx.AsyncClient:
    """A client with deadlines, for calls to the other services of this installation."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20)
    return httpx.AsyncClient(timeout=httpx.Timeout(DEADLINE, connect=0.5), limits=limits, trust_env=False)
