"""Sign-in pages: a client's own token, kept by its browser.

There is no account of persons here and no second list of rights: whoever signs in does so as a client of registry,
and sees what that client may see.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.portal.desk import Desk, PortalDesk
from services.portal.paper import HEADERS, render
from services.portal.session import forget, is_from_here, keep
from services.portal.upstream import Answer
from shared.runtime.doors import address_of

router = APIRouter(include_in_schema=False)
_ONWARD = re.compile(r"/(accounts(/[A-Za-z0-9]{1,20})?|quote)")
"""Pages that a sign-in may lead to: never another site."""
_LONGEST_NAME = 64
"""Characters of a client's name, as registry takes them."""
_LONGEST = 4000
"""Bytes of a form that are read."""


@router.get("/sign-in")
async def sign_in_page(request: Request, desk: Desk) -> Response:
    """The form."""
    return _form(desk, onward(request.query_params.get("next", "")))


@router.post("/sign-in")
async def sign_in(request: Request, desk: Desk) -> Response:
    """A token for a client's name and secret, and on to the page that asked for it."""
    given = {name: values[0] for name, values in parse_qs(await _body(request)).items()}
    to, client_id = onward(given.get("next", "")), given.get("client_id", "").strip()
    if not client_id:
        return _form(desk, to, "", "Fill in the name of your client and its secret.", 422)
    if not is_from_here(request):
        return _form(desk, to, client_id, "This form was sent from another site. Sign in here.", 403)
    answer = await desk.upstream.grant(client_id, given.get("client_secret", ""), address_of(request))
    if not answer.is_good:
        return _form(desk, to, client_id, _why(answer), answer.status if answer.status in (429, 503) else 401)
    until = datetime.now(UTC) + timedelta(seconds=int(answer.body["expires_in"]))
    response = RedirectResponse(to, 303, HEADERS)
    keep(response, desk, str(answer.body["access_token"]), until)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Forget the token here. It stays good until it expires; registry revokes a client at once."""
    response = RedirectResponse("/", 303, HEADERS)
    if is_from_here(request):
        forget(response)
    return response


def onward(wanted: str) -> str:
    """The page to go on to, if it is one of ours."""
    return wanted if _ONWARD.fullmatch(wanted) else "/accounts"


async def _body(request: Request) -> str:
    raw = await request.body()
    return raw[:_LONGEST].decode("utf-8", "replace")


def _why(answer: Answer) -> str:
    """In one sentence, what keeps somebody from signing in."""
    if answer.away:
        return "Registry does not answer now, so nobody can sign in. Try again in a moment."
    if answer.status == 429:
        return "Too many wrong secrets. Wait a minute, then try again."
    return "This name and this secret do not belong together."


def _form(desk: PortalDesk, to: str, client_id: str = "", fault: str = "", status: int = 200) -> Response:
    return render("sign-in.html", desk, status, to=to, client_id=client_id[:_LONGEST_NAME], fault=fault)
