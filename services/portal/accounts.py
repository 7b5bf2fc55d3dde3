"""Account pages: how a guarantee account stands, and why.

Confidential: shown to whoever has signed in as the party itself or as a tax officer, in the sandbox too. The tax
service decides that; the portal passes the reader's own token on and shows what it is answered.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.portal.books import book_of
from services.portal.desk import Desk, PortalDesk
from services.portal.paper import away, render
from services.portal.session import Eyes, SignedIn, signed_in
from services.portal.upstream import Answer
from shared.kernel.refusal import Refusal

router = APIRouter(include_in_schema=False)
_PARTY = re.compile(r"[A-Za-z0-9]{1,20}")
_PARTS = {
    "holds": "/waiting?limit=100",
    "deposits": "/deposits?limit=20",
    "entries": "/entries?limit=30",
}


@router.get("/accounts")
async def accounts_page(request: Request, desk: Desk, party: str = "", after: str = "") -> Response:
    """All accounts for a tax officer; the own one for everybody else."""
    reader = _reader(request, desk)
    if not isinstance(reader, SignedIn):
        return reader
    wanted = party.strip().upper()
    if _PARTY.fullmatch(wanted):
        return RedirectResponse(f"/accounts/{wanted}", 303)
    if not reader.caller.is_officer_of("tax"):
        return RedirectResponse(f"/accounts/{reader.caller.party}", 303)
    asked = urlencode({"limit": 50, **({"after": after} if after else {})})
    answer = await Eyes(desk, reader).ask("tax", f"/v1/accounts?{asked}")
    if after and answer.status in (400, 404, 422):  # from an address that somebody has changed
        return RedirectResponse("/accounts", 303)
    if not answer.is_good:
        return _not_shown(desk, answer, wanted)
    books = [book_of(each) for each in answer.body["items"]]
    return render(
        "accounts.html", desk, reader=reader.caller, books=books, next_after=answer.body["next_after"]
    )


@router.get("/accounts/{party}")
async def account_page(party: str, request: Request, desk: Desk) -> Response:
    """One account: what it holds, who waits for it, how it came to this."""
    reader = _reader(request, desk, f"/{party}")
    if not isinstance(reader, SignedIn):
        return reader
    if not _PARTY.fullmatch(party):
        return _not_shown(desk, Answer(status=404), party)
    eyes, here = Eyes(desk, reader), f"/v1/accounts/{party}"
    paths = [here, *(here + rest for rest in _PARTS.values()), f"/v1/bills?party={party}&limit=24"]
    account, *others = await asyncio.gather(*(eyes.ask("tax", path) for path in paths))
    if not account.is_good:
        return _not_shown(desk, account, party)
    told: dict[str, Any] = dict(zip((*_PARTS, "bills"), map(_items, others), strict=True))
    book = book_of(account.body)
    return render("account.html", desk, 200, reader=reader.caller, book=book, account=account.body, **told)


def _items(answer: Answer) -> list[dict[str, Any]] | None:
    """A part of the page; nothing where it was not told."""
    return answer.body["items"] if answer.is_good else None


def _reader(request: Request, desk: PortalDesk, under: str = "") -> SignedIn | Response:
    """Who reads, or the page to show instead."""
    try:
        reader = signed_in(request)
    except Refusal:
        return away(desk, "registry")
    return reader or RedirectResponse(f"/sign-in?{urlencode({'next': f'/accounts{under}'})}", 303)


def _not_shown(desk: PortalDesk, answer: Answer, party: str) -> Response:
    if answer.status == 401:
        return RedirectResponse("/sign-in?next=/accounts", 303)
    if answer.status in (403, 404):
        return render("no-account.html", desk, answer.status, party=party[:60])
    return away(desk, answer.away or "tax")
