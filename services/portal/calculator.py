"""Quote calculator: every channel side by side.

The question is the address, so it can be kept and sent, and the page works without a script. Nothing is stored.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.portal.desk import Desk, PortalDesk
from services.portal.offers import Compared, compared
from services.portal.paper import away, render
from services.portal.questions import EXAMPLE, LABELS, LINES, UNITS, Form, Wrong, form_of, wrong_with
from services.portal.session import Eyes, signed_in
from services.portal.upstream import Answer
from shared.kernel.refusal import Refusal

router = APIRouter(include_in_schema=False)
EASTERNMOST = timezone(timedelta(hours=8))
"""China's: of the countries that the example asks for, the one where a day begins first."""
_DIGITS = 3
"""Digits of a line's number that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the law in force lets the form offer."""

    alone: Mapping[str, str]
    """Countries with a law of their own, by code."""
    unions: Mapping[str, Mapping[str, str]]
    """Countries with one law for all of them, by the name of their union."""
    currencies: tuple[str, ...]
    rates_until: str
    """The last day with rates of exchange."""

    @classmethod
    def of(cls, law: Mapping[str, Any]) -> Known:
        """From what /v1/law answers; the window's own country first."""
        places = sorted(law["jurisdictions"], key=lambda place: (place["code"] != "CN", place["name"]))
        unions = {place["name"]: place["country_names"] for place in places if len(place["countries"]) > 1}
        lone = [place["country_names"] for place in places if len(place["countries"]) == 1]
        return cls(
            alone={code: name for names in lone for code, name in names.items()},
            unions=unions,
            currencies=tuple(law["currencies"]),
            rates_until=str(law["exchange_until"] or ""),
        )

    @property
    def countries(self) -> dict[str, str]:
        """The name of every country, by its code."""
        members = (member for union in self.unions.values() for member in union.items())
        return {**self.alone, **dict(members)}

    def first_question(self, now: datetime) -> Form:
        """The example: of today, or of the last day that can be quoted yet."""
        today = now.astimezone(EASTERNMOST).date().isoformat()
        on = "" if today <= self.rates_until else self.rates_until
        return Form(to=EXAMPLE.to, head={**EXAMPLE.head, "on": on}, lines=EXAMPLE.lines)


@router.get("/quote")
async def quote_page(request: Request, desk: Desk) -> Response:
    """The form, filled in, and what its goods cost in every channel of every country chosen."""
    try:
        reader = signed_in(request)
    except Refusal:
        return away(desk, "registry")
    eyes = Eyes(desk, reader if reader and reader.caller.may("declarations:read") else None)
    if not eyes.can_see:
        return RedirectResponse("/sign-in?next=/quote", 303)
    law = await eyes.ask("tax", "/v1/law")
    if law.away or not law.is_good:
        return away(desk, law.away or "tax")
    known = Known.of(law.body)
    given = request.query_params.multi_items()
    form = _changed(form_of(given) if given else known.first_question(datetime.now(UTC)), dict(given))
    answer = await eyes.ask("tax", "/v1/quotes", form.body())
    if answer.away or answer.status in (401, 403, 500):
        return away(desk, answer.away or "tax")
    shown = form.with_a_line_more() if "add" in request.query_params else form
    return await asyncio.to_thread(_page, desk, known, shown, answer)


def _changed(form: Form, given: Mapping[str, str]) -> Form:
    """The form after a button that adds or drops a line."""
    dropped = given.get("drop", "")
    if dropped.isascii() and dropped.isdecimal() and len(dropped) <= _DIGITS:
        return form.without_line(int(dropped)).in_order(with_blanks=True)
    return form.in_order(with_blanks="add" in given)


def _page(desk: PortalDesk, known: Known, form: Form, answer: Answer) -> Response:
    wrong = Wrong(at={}) if answer.is_good else wrong_with(answer.body, form)
    found: Compared | None = compared(answer.body["offers"], known.countries) if answer.is_good else None
    return render(
        "quote.html",
        desk,
        200 if answer.is_good else 422,
        known=known,
        form=form,
        units=UNITS,
        labels=LABELS,
        most=LINES,
        wrong=wrong,
        found=found,
        papers=answer.body if answer.is_good else {},
        body=json.dumps(form.body(), indent=2, ensure_ascii=False),
    )
