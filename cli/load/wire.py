"""Wire: HTTP/1.1 with little CPU.

A bounded number of kept-alive connections on asyncio, read by the parser that uvicorn uses. A general client costs
100 to 2,500 microseconds a request, more than the window's door itself (docs/decisions/0020-a-thin-wire-for-load.md);
this one costs about 15. It knows one address, no redirects, no cookies, no compression.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools

SILENCE = 30.0
"""Seconds after which a request without an answer is given up."""
NO_ANSWER = 0
"""Status of a request that got none: the connection broke, or it took too long."""
PAUSE = 0.2
"""Seconds before a connection that could not be made is tried again."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes = b""
    retry_after: float = 0.0


TRANSIENT = frozenset({NO_ANSWER, 429, 500, 502, 503, 504})
"""Statuses after which the same may be asked again."""
LOST = Answer(NO_ANSWER)
Done = Callable[[Answer], None]


class BadAddress(ValueError):
    """No address of a window."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window is."""

    host: str
    port: int
    path: str
    context: ssl.SSLContext | None

    def __str__(self) -> str:
        return f"{'https' if self.context else 'http'}://{self.host}:{self.port}{self.path}"

    @classmethod
    def of(cls, address: str) -> Place:
        """Of an address like http://127.0.0.1:8080."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise BadAddress(f"{address!r}: {error}") from error
        if parts.scheme not in ("http", "https") or not host:
            raise BadAddress(f"{address!r} is no address like http://127.0.0.1:8080")
        secure = parts.scheme == "https"
        context = ssl.create_default_context() if secure else None
        return cls(host, port or (443 if secure else 80), parts.path.rstrip("/"), context)

    def head(self, method: str, path: str, headers: str = "") -> bytes:
        """The head of a request, but for the length of its body; `headers` are whole lines."""
        default = 443 if self.context else 80
        name = self.host if self.port == default else f"{self.host}:{self.port}"
        return f"{method} {self.path}{path} HTTP/1.1\r\nHost: {name}\r\n{headers}Content-Length: ".encode()


class Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(
        self, when_free: Callable[[Connection], None], when_lost: Callable[[Connection], None]
    ) -> None:
        self._when_free, self._when_lost = when_free, when_lost
        self._done: Done | None = None
        self.sent_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is awaited."""
        return self._done is not None

    def send(self, head: bytes, body: bytes, done: Done) -> None:
        """Send a request; `done` is called once, whatever happens."""
        self._body: list[bytes] = []
        self._retry_after = 0.0
        self._done, self.sent_at = done, time.monotonic()
        self._transport.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))

    def abort(self) -> None:
        """Give it up."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready."""
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        """Some of an answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of the parser."""
        if name.lower() == b"retry-after" and value.isdigit():
            self._retry_after = float(value)

    def on_body(self, body: bytes) -> None:
        """Of the parser."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Of the parser: the answer is whole."""
        answer = Answer(self._parser.get_status_code(), b"".join(self._body), self._retry_after)
        if self._parser.should_keep_alive():
            self._finish(answer)
            self._when_free(self)
        else:
            self._finish(answer)
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - why does not matter
        """It is over; what was awaited will not come."""
        self._finish(LOST)
        self._when_lost(self)

    def _finish(self, answer: Answer) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(answer)


class Wire:
    """A bounded number of connections to one place, opened again when they break."""

    def __init__(self, place: Place, most: int) -> None:
        self.place, self._most = place, most
        self.when_free: Callable[[], None] | None = None
        self._free: list[Connection] = []
        self._all: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def open(self) -> None:
        """Open all of them; raises OSError where nobody listens."""
        await asyncio.gather(*(self._connect() for _ in range(self._most)))

    @property
    def has_free(self) -> bool:
        """Whether a connection may be taken."""
        return bool(self._free)

    def take(self) -> Connection:
        """A free connection; it comes back by itself after the answer."""
        return self._free.pop()

    @property
    def busy(self) -> int:
        """Connections that await an answer."""
        return sum(1 for connection in self._all if connection.is_waiting)

    def give_up_silent(self) -> None:
        """Abort what has waited too long; to be called now and then."""
        latest = time.monotonic() - SILENCE
        for connection in [one for one in self._all if one.is_waiting and one.sent_at < latest]:
            connection.abort()

    async def ask(self, head: bytes, body: bytes = b"") -> Answer:
        """The answer to one request, as soon as a connection is free; none when none is for long."""
        latest = time.monotonic() + SILENCE
        while not self._free:
            if time.monotonic() > latest:
                return LOST
            await asyncio.sleep(0.005)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.take().send(head, body, lambda answer: None if answered.done() else answered.set_result(answer))
        return await answered

    async def ask_again(self, head: Callable[[], bytes], body: bytes = b"", *, tries: int) -> Answer:
        """The answer, asked for again while it is one that may change; the head is made anew, as tokens are."""
        for _ in range(tries):
            answer = await self.ask(head(), body)
            if answer.status not in TRANSIENT:
                break
            await asyncio.sleep(answer.retry_after or PAUSE)
        return answer

    def close(self) -> None:
        """Close all."""
        self._is_closed = True
        for connection in self._all:
            connection.abort()

    async def _connect(self) -> None:
        loop, place = asyncio.get_running_loop(), self.place
        _, made = await loop.create_connection(
            lambda: Connection(self._freed, self._lost), place.host, place.port, ssl=place.context
        )
        self._all.add(made)
        self._freed(made)

    def _freed(self, connection: Connection) -> None:
        self._free.append(connection)
        if self.when_free is not None:
            self.when_free()

    def _lost(self, connection: Connection) -> None:
        self._all.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        if not self._is_closed:
            task = asyncio.get_running_loop().create_task(self._reconnect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        if self.when_free is not None:
            self.when_free()  # whoever waits for connections looks whether there are any

    async def _reconnect(self) -> None:
        while not self._is_closed:
            try:
                await self._connect()
            except OSError:
                await asyncio.sleep(PAUSE)
            else:
                return
