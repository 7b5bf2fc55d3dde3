"""Link: calls that outlive crashes.

Sends the same content again after a broken connection, 429 or 5xx, with growing pauses, until the window has been
silent for too long. Filing is safe to repeat: the same content gets the same answer.
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
    """The gateway as several clients of the sandbox."""

    def __init__(self, url: str, *, patience: float = PATIENCE, transport: Any = None) -> None:
        self.url, self._patience = url, patience
        self._http = httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(60.0, connect=3.0), transport=transport
        )
        self._tokens: dict[str, str] = {}
        self.repeats = 0
        """Calls that had to be sent again."""

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
        begun, pause, why = time.monotonic(), FIRST_PAUSE, ""
        while time.monotonic() - begun < self._patience:
            try:
                answer = await self._send(client, method, path, how)
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if answer.status_code not in AGAIN:
                    return answer
                why = f"status {answer.status_code}"
            self.repeats += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        raise Away(self.url, f"{why} for {self._patience:g} s")

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
            if answer.status_code in AGAIN:
                raise httpx.RemoteProtocolError(f"no token yet: {answer.status_code}")
            if answer.is_error:
                raise Refused(answer.status_code, answer.json())
            self._tokens[client.client_id] = answer.json()["access_token"]
        return self._tokens[client.client_id]
