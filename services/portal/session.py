"""Session: who has signed in, and through whose eyes a page looks.

A session is the token itself, kept by the browser where no script reads it; the portal keeps nothing. Every service
checks the token again, so a page shows what its holder may see and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from services.portal.desk import PortalDesk
from services.portal.upstream import COMPOSING, Answer
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller

COOKIE = "window-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A good token and whom it speaks for."""

    token: str
    caller: Caller


def signed_in(request: Request) -> SignedIn | None:
    """Who has signed in; nobody when the token has expired or is not ours. Raises E-SYS before registry is heard."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    try:
        return SignedIn(token=token, caller=request.app.state.verifier.verify(token, datetime.now(UTC)))
    except Refusal as refusal:
        if refusal.status == 503:
            raise
        return None


def keep(response: Response, desk: PortalDesk, token: str, until: datetime) -> None:
    """Let the browser keep a token for as long as it is good, for this site's own pages only.

    Over TLS only where the public address has it: between whoever ends it and the portal there is none to be seen.
    """
    seconds = max(int((until - datetime.now(UTC)).total_seconds()), 0)
    secure = desk.settings.gateway_url.startswith("https:")
    response.set_cookie(COOKIE, token, max_age=seconds, httponly=True, samesite="strict", secure=secure)


def forget(response: Response) -> None:
    """Let the browser keep it no longer."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def is_from_here(request: Request) -> bool:
    """Whether a form was sent by a page of this site: browsers say so, programs need not."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    return site in ("same-origin", "none") and (
        origin is None or origin.partition("://")[2] == request.headers.get("host")
    )


@dataclass(frozen=True, slots=True)
class Eyes:
    """Through whose eyes a page looks: its reader's who signed in; in the sandbox, else the observer's."""

    desk: PortalDesk
    reader: SignedIn | None

    @property
    def can_see(self) -> bool:
        """Whether anything can be asked at all."""
        return self.reader is not None or self.desk.settings.sandbox

    async def ask(self, service: str, path: str, body: Any = None) -> Answer:
        """What a service answers them."""
        if self.reader is None:
            return await self.desk.see(service, path, body)
        return await self.desk.upstream.ask(service, path, self.reader.token, COMPOSING, body)
