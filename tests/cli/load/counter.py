"""Counter: a window in a few lines, on a real socket.

Takes filings in, lists them as permitted, and misbehaves on order: busy answers, connections that break, declarations
that the list forgets or invents.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools

BARRED = {
    "code": "E-SEC-SCOPE",
    "detail": "this needs the scope declarations:write; the token has: arrivals:write",
    "fix": "ask registry for a client with the scope declarations:write",
}
CLAIMS = "eyJwYXJ0eSI6IlBMQVRGT1JNMDEifQ"
"""They name PLATFORM01."""


@dataclass
class Counter:
    """What the window knows, and how it is to misbehave."""

    declared: dict[str, str] = field(default_factory=dict)
    """Ids by order number."""
    statuses: dict[str, str] = field(default_factory=dict)
    """By id, where it is not PERMITTED."""
    lets_in: bool = True
    bars: bool = False
    """Nobody has the scope to file."""
    tokens: int = 0
    """How many were asked for."""
    lifetime: int = 3600
    """Of a token, in seconds."""
    is_away: bool = False
    """The list is answered 503."""
    is_closed: bool = False
    """The list is answered 403."""
    busy: int = 0
    """So many filings are answered 429 first."""
    broken: int = 0
    """So many connections break instead of an answer."""
    busy_deposits: int = 0
    """So many deposits are answered 502 first."""
    shows_tally: bool = True
    is_forgetful: bool = False
    """The list leaves out the first one."""
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Filings are answered while it is set."""
    port: int = 0

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, url: str, body: bytes) -> tuple[int, object]:
        """Status and document of an answer."""
        path = urlsplit(url).path
        self.requests.append(f"{method} {path}")
        if path == "/oauth/token" and not self.lets_in:
            return 401, {"error": "invalid_client"}
        if path == "/oauth/token":
            self.tokens += 1
            return 200, {"access_token": f"e30.{CLAIMS}.{self.tokens}", "expires_in": self.lifetime}
        if method == "POST" and self.bars:
            return 403, BARRED
        if method == "POST" and path == "/v1/declarations":
            return self._file(json.loads(body))
        if path.endswith("/deposits"):
            self.busy_deposits -= 1
            return (502, {}) if self.busy_deposits >= 0 else (201, {})
        return self._page(path)

    def _page(self, path: str) -> tuple[int, object]:
        count = len(self.declared)
        tally = {"filed": count, "permit": count, "refused": 0, "cancelled": 0, "held": {}}
        if path == "/v1/declarations":
            if self.is_closed:
                return 403, {}
            return (503, {}) if self.is_away else (200, {"items": self._list(), "next_cursor": None})
        if path == "/v1/clearance" and self.shows_tally:
            return 200, tally
        return (200, {}) if path.endswith("/permit") else (404, {"code": "E-NOT-FOUND"})

    def batch(self, body: bytes) -> bytes:
        """The answer to a batch."""
        rows = []
        for line in body.splitlines():
            status, document = self._file(json.loads(line))
            rows.append(json.dumps({**cast(dict[str, object], document), "status": status}).encode())
        return b"\n".join(rows)

    def _file(self, submission: dict[str, dict[str, object]]) -> tuple[int, object]:
        if self.busy:
            self.busy -= 1
            return 429, {"code": "E-BUSY"}
        if submission["payment"]["amount_paid"] != submission["order"]["actual_paid"]:
            return 422, {"code": "E-MATCH-DIFF"}
        number = str(submission["order"]["order_no"])
        known = number in self.declared
        declared = self.declared.setdefault(number, f"00000000-0000-7000-8000-{len(self.declared):012d}")
        return 202, {"declaration_id": declared, "status": "SUBMITTED", "replayed": known}

    def _list(self) -> list[dict[str, str]]:
        listed = list(self.declared.items())[1 if self.is_forgetful else 0 :]
        return [
            {"declaration_id": known, "order_no": number, "status": self.statuses.get(known, "PERMITTED")}
            for number, known in listed
        ]


class _Talk(asyncio.Protocol):
    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        counter.connections += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._body = b"", b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method, url, body = self._parser.get_method().decode(), self._url.decode(), self._body
        self._body = b""
        if method == "POST" and url.startswith("/v1/declarations") and not self._counter.gate.is_set():
            asyncio.get_running_loop().create_task(self._later(method, url, body))
        else:
            self._reply(method, url, body)

    async def _later(self, method: str, url: str, body: bytes) -> None:
        await self._counter.gate.wait()
        self._reply(method, url, body)

    def _reply(self, method: str, url: str, body: bytes) -> None:
        if self._counter.broken and url.startswith("/v1/declarations"):
            self._counter.broken -= 1
            self._transport.abort()
            return
        if url.endswith("/batch") and not self._counter.bars:
            status, text = 200, self._counter.batch(body)
        else:
            status, document = self._counter.answer(method, url, body)
            text = json.dumps(document).encode()
        head = f"HTTP/1.1 {status} -\r\nRetry-After: 0\r\nContent-Length: {len(text)}\r\n\r\n"
        self._transport.write(head.encode() + text)


@asynccontextmanager
async def counter_at_work(change: Callable[[Counter], None] | None = None) -> AsyncIterator[Counter]:
    """A window that answers, until the end of the block."""
    counter = Counter()
    counter.gate.set()
    if change is not None:
        change(counter)
    server = await asyncio.get_running_loop().create_server(lambda: _Talk(counter), "127.0.0.1", 0)
    counter.port = server.sockets[0].getsockname()[1]
    try:
        yield counter
    finally:
        server.close()
