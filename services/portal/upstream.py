"""Upstream: what the portal asks of the other services.

A service that is away is an answer too: None, or the status that the caller is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.kernel.refusal import Refusal
from shared.runtime.http import DEADLINE

AWAY = (httpx.HTTPError, ValueError)
COMPOSING = 2 * DEADLINE + 1
"""Seconds for a document that a service composes of others: it waits for them before it says who is away."""
UNABLE = (502, 503, 504)
EARLY = timedelta(minutes=1)
"""A token is renewed so long before it expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service answered; status 503 when it did not."""

    status: int
    body: Any = None
    content: bytes = b""
    away: str = ""
    """The service that did not answer, or said that it cannot now."""

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == 200


class Upstream:
    """The other services by name."""

    def __init__(self, http: httpx.AsyncClient, url: Callable[[str], str]) -> None:
        self._http, self._url = http, url

    async def ask(
        self, service: str, path: str, token: str = "", patience: float = DEADLINE, body: Any = None
    ) -> Answer:
        """GET a document of a service, or POST a question to it, with a caller's token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        method, given = ("GET", {}) if body is None else ("POST", {"json": body})
        try:
            answer = await self._http.request(
                method, f"{self._url(service)}{path}", headers=headers, timeout=patience, **given
            )
            is_json = "json" in answer.headers.get("content-type", "")
            body = answer.json() if is_json and answer.content else None
        except AWAY:
            return Answer(status=503, away=service)
        away = service if answer.status_code in UNABLE else ""
        return Answer(status=answer.status_code, body=body, content=answer.content, away=away)

    async def ask_all(self, paths: dict[str, str]) -> dict[str, dict[str, Any] | None]:
        """One document of each of some services at once; None for those that do not answer with an object."""
        answers = await asyncio.gather(*(self.ask(service, path) for service, path in paths.items()))
        return {
            service: answer.body if answer.is_good and isinstance(answer.body, dict) else None
            for service, answer in zip(paths, answers, strict=True)
        }

    async def grant(self, client_id: str, secret: str, address: str = "") -> Answer:
        """What registry answers a client that wants a token; from an address, where somebody else asks for it."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        try:
            answer = await self._http.post(
                f"{self._url('registry')}/oauth/token", data=form, headers={"X-Forwarded-For": address}
            )
            away = "registry" if answer.status_code in UNABLE else ""
            return Answer(status=answer.status_code, body=answer.json(), away=away)
        except AWAY:
            return Answer(status=503, away="registry")

    async def token(self, client_id: str, secret: str) -> tuple[str, datetime]:
        """A token by client credentials, and when it ends."""
        now = datetime.now(UTC)
        answer = await self.grant(client_id, secret)
        if not answer.is_good:
            raise Refusal(
                "E-AWAY-REGISTRY",
                "the portal has no token yet, since registry did not give it one",
                status=503,
                fix="try again in a moment",
                headers={"Retry-After": "3"},
            )
        return str(answer.body["access_token"]), now + timedelta(seconds=int(answer.body["expires_in"]))


class Observer:
    """The portal's own eyes in the sandbox: one token that is renewed in time."""

    def __init__(self, upstream: Upstream, client_id: str, secret: str) -> None:
        self._upstream, self._client_id, self._secret = upstream, client_id, secret
        self._token, self._until = "", datetime.min.replace(tzinfo=UTC)
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """A token that is good for another minute at least."""
        async with self._lock:
            if datetime.now(UTC) + EARLY >= self._until:
                self._token, self._until = await self._upstream.token(self._client_id, self._secret)
            return self._token

    def forget(self) -> None:
        """The token was refused somewhere: get another one."""
        self._until = datetime.min.replace(tzinfo=UTC)
