"""Link: calls that outlive crashes.

A call is sent again after a broken connection, 429 or 5xx, with growing pauses, until the window has been silent for
too long. What is not safe to repeat blindly (filing in bulk) uses `once` and looks before it sends again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from cli.faults import Away
from cli.gateway import Refused
from sandbox.parties import Client

AGAIN = frozenset({401, 429, 500, 502, 503, 504})
"""401 too: a service that has just started may not know the newest key yet."""
PATIENCE = 180.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0
UNAUTHORISED = 401


class Link:
    """The gateway of this machine, which no proxy is asked for, as several clients of the sandbox."""

    def __init__(self, url: str, *, patience: float = PATIENCE, transport: Any = None) -> None:
        self.url, self.patience = url, patience
        waits = httpx.Timeout(60.0, connect=3.0)
        self._http = httpx.AsyncClient(base_url=url, timeout=waits, transport=transport, trust_env=False)
        self._tokens: dict[str, str] = {}
        self.repeats = 0
        """Calls that had to be sent again."""
        self.trouble = ""
        """Why the last of them had to be."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def json(self, client: Client, method: str, path: str, **how: Any) -> Any:
        """The JSON of an answer that is no error; an error is `Refused`."""
        answer = await self.call(client, method, path, **how)
        document = answer.json()
        if answer.is_error:
            raise Refused(answer.status_code, document)
        return document

    async def call(self, client: Client, method: str, path: str, **how: Any) -> httpx.Response:
        """The answer to a call, sent as often as it takes."""
        pauses = Pauses(self)
        while True:
            answer = await self.once(client, method, path, **how)
            if answer is not None:
                return answer
            await pauses.rest()

    async def once(self, client: Client, method: str, path: str, **how: Any) -> httpx.Response | None:
        """The answer to a call sent once; None when there was none, or only that it cannot be served now."""
        answer = await self.heard(client, method, path, **how)
        return None if answer is None or answer.status_code in AGAIN else answer

    async def heard(self, client: Client, method: str, path: str, **how: Any) -> httpx.Response | None:
        """Whatever came back of a call sent once, be it that it cannot be served now; None when nothing did."""
        try:
            answer = await self._send(client, method, path, how)
        except httpx.TransportError as error:
            self.trouble = str(error) or type(error).__name__
            self.repeats += 1
            return None
        if answer.status_code in AGAIN:
            self.trouble = f"status {answer.status_code} at {path}"
            self.repeats += 1
        return answer

    async def _send(self, client: Client, method: str, path: str, how: Mapping[str, Any]) -> httpx.Response:
        headers = {**how.get("headers", {}), "Authorization": f"Bearer {await self._token(client)}"}
        answer = await self._http.request(method, path, **{**how, "headers": headers})
        if answer.status_code == UNAUTHORISED:
            self._tokens.pop(client.client_id, None)
        return answer

    async def _token(self, client: Client) -> str:
        if client.client_id not in self._tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": client.client_id,
                "client_secret": client.secret,
            }
            answer = await self._http.post("/oauth/token", data=form)
            if answer.is_error and answer.status_code != UNAUTHORISED and answer.status_code in AGAIN:
                raise httpx.RemoteProtocolError(f"no token yet: {answer.status_code}")
            if answer.is_error:
                raise Refused(answer.status_code, answer.json())
            self._tokens[client.client_id] = answer.json()["access_token"]
        return self._tokens[client.client_id]


class Pauses:
    """Growing pauses, until patience ends."""

    def __init__(self, link: Link) -> None:
        self._link, self._begun, self._next = link, time.monotonic(), FIRST_PAUSE

    async def rest(self) -> None:
        """Wait a little longer than last time; raises `Away` when it has been long enough."""
        if time.monotonic() - self._begun > self._link.patience:
            raise Away(self._link.url, f"for {self._link.patience:g} s: {self._link.trouble}")
        await asyncio.sleep(self._next)
        self._next = min(self._next * 2, LONGEST_PAUSE)
