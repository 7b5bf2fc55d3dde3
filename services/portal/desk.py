"""The portal's desk: whom it asks, who watches, what it knows.

Made with the first request, so that the pages work, and say what is away, before database and broker are there.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any

import httpx
from fastapi import Depends, Request

from services.portal.closing import close_on_signal
from services.portal.latest import Listed, list_of
from services.portal.pipeline import SERVICES, Picture, picture_of
from services.portal.reference import enliven, merge
from services.portal.upstream import COMPOSING, Answer, Observer, Upstream
from services.portal.watch import Hub, Subject
from shared.kernel.refusal import Refusal
from shared.runtime.settings import Settings

STREAMS = 500
"""Streams of each kind that one replica serves at a time."""
SHOWN = "PLATFORM01"
"""The party whose declarations the examples of the reference name."""
REFERENCE_AGE = 10.0
"""Seconds for which the merged reference is kept."""


class PortalDesk:
    """One replica's state."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings, own_openapi: dict[str, Any]) -> None:
        get = settings.environment.get
        self.settings = settings
        self.upstream = Upstream(http, lambda service: settings.urls.get(service, ""))
        client_id = get("PORTAL_CLIENT_ID", "portal" if settings.sandbox else "")
        secret = get("PORTAL_CLIENT_SECRET", "sandbox-portal" if settings.sandbox else "")
        self.observer = Observer(self.upstream, client_id, secret)
        limit = int(get("PORTAL_STREAMS", str(STREAMS)))
        self.onlookers, self.followers = Hub(limit=limit), Hub(limit=limit)
        """Who watches the live picture, as anybody may, and who follows a declaration: each to their own places."""
        self.picture = Picture()
        self._looked_at = 0.0
        self._lock, self._listing = asyncio.Lock(), asyncio.Lock()
        self._listed, self._listed_at = Listed(), 0.0
        self._documents: dict[str, dict[str, Any]] = {"portal": own_openapi}
        self.unheard: tuple[str, ...] = ()
        """Services that the merged reference lacks, since they have not answered yet."""
        self._merged: tuple[float, dict[str, Any]] = (0.0, {})

    async def look(self, _: Subject | None = None) -> Picture:
        """The pipeline now; asked for at most once a second, for all."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._looked_at >= 0.9:
                asked = self.upstream.ask_all(dict.fromkeys(SERVICES, "/internal/status"))
                tally = self.upstream.ask_all(
                    {"clearance": "/internal/tally", "declaration": "/internal/door"}
                )
                states, told = await asyncio.gather(asked, tally)
                door = (told["declaration"] or {}).get("refused")
                passed = now - self._looked_at
                self.picture = picture_of(told["clearance"], states, self.picture, passed, door)
                self._looked_at = now
            return self.picture

    async def see(self, service: str, path: str, body: Any = None) -> Answer:
        """What the sandbox's observer is answered, or who is away; outside the sandbox there is no observer."""
        if not self.settings.sandbox:
            raise Refusal(
                "E-NOT-FOUND", "declarations are shown here in the sandbox only", status=404, fix="use /v1"
            )
        try:
            answer = await self.upstream.ask(service, path, await self.observer.token(), COMPOSING, body)
            if answer.status == 401:
                self.observer.forget()
                answer = await self.upstream.ask(service, path, await self.observer.token(), COMPOSING, body)
        except Refusal as refusal:
            return Answer(status=refusal.status, away="registry")
        return answer

    async def latest(self) -> Listed:
        """The newest declarations, each with its gates while it is open; asked for at most once a second, for all."""
        async with self._listing:
            now = asyncio.get_running_loop().time()
            if now - self._listed_at >= 0.9:
                self._listed = await list_of(self)
                self._listed_at = now
            return self._listed

    async def reference(self) -> dict[str, Any]:
        """The OpenAPI of all services in one; a service that is away is shown as it was last."""
        now = asyncio.get_running_loop().time()
        made_at, merged = self._merged
        if merged and now - made_at < (1.0 if self.unheard else REFERENCE_AGE):
            return merged
        found = await self.upstream.ask_all(dict.fromkeys(SERVICES, "/openapi.json"))
        self._documents |= {service: document for service, document in found.items() if document}
        self.unheard = tuple(service for service in SERVICES if service not in self._documents)
        merged = merge(self._documents, self.settings.gateway_url)
        living = [
            await self._one(f"platform={SHOWN}&status={status}") for status in ("PERMITTED", "SUBMITTED")
        ]
        merged = enliven(merged, *living)
        self._merged = (now, merged)
        return merged

    async def _one(self, asked: str) -> dict[str, Any]:
        """A declaration of the sandbox to show things with; empty when there is none."""
        try:
            answer = await self.see("declaration", f"/v1/declarations?limit=1&{asked}")
        except Refusal:
            return {}
        items = answer.body.get("items") if answer.is_good and isinstance(answer.body, dict) else None
        return items[0] if items else {}

    def close(self) -> None:
        """End every stream."""
        self.onlookers.close()
        self.followers.close()
        self.picture = replace(self.picture, rates=())


async def desk_of(request: Request) -> PortalDesk:
    """The dependency that gives the desk."""
    state = request.app.state
    if getattr(state, "desk", None) is None:
        state.desk = PortalDesk(state.runtime.http, state.runtime.settings, request.app.openapi())
        close_on_signal(state.desk.close)
    desk: PortalDesk = state.desk
    return desk


Desk = Annotated[PortalDesk, Depends(desk_of)]
