"""HTTP: the trace of each request, what is no HTTP, and the client for reads that compose.

The middleware is pure ASGI: the framework's own base class runs the request in a cancel scope that can kill a
database session when a client leaves.
"""

from __future__ import annotations

import httpx
import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.runtime import telemetry

_NO_HTTP = {
    "type": "https://single-window.example/problems/e-gateway-request",
    "title": "Bad Request",
    "status": 400,
    "code": "E-GATEWAY-REQUEST",
    "fix": "send well-formed HTTP/1.1, with the address and the headers in printable ASCII",
}
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
                if message["status"] >= 500 and "is_told" not in scope:
                    telemetry.log("api").warning(
                        "answered",
                        status=message["status"],
                        path=scope["path"],
                        trace_id=telemetry.trace_id(trace),
                    )
            await send(message)

        await self._app(scope, receive, send_traced)


class ProblemProtocol(HttpToolsProtocol):
    """The server's own protocol; what is no HTTP is told as a problem, not as plain text."""

    def send_400_response(self, msg: str) -> None:
        """400, and the connection ends: where the next request begins cannot be known."""
        body = msgspec.json.encode({**_NO_HTTP, "detail": msg})
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def open_client() -> httpx.AsyncClient:
    """A client with deadlines, for calls to the other services of this installation."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20)
    return httpx.AsyncClient(timeout=httpx.Timeout(DEADLINE, connect=0.5), limits=limits, trust_env=False)
