"""Cursors: where the next page of a list begins."""

from __future__ import annotations

import base64
import re

from shared.kernel.refusal import Refusal


def cursor_of(place: str) -> str:
    """A place as a caller gives it back."""
    return base64.urlsafe_b64encode(place.encode()).decode()


def place_of(cursor: str | None, kind: re.Pattern[str]) -> str | None:
    """The place that a cursor names; anything that is not of its kind is refused."""
    if cursor is None:
        return None
    try:
        place = base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except ValueError:
        place = ""
    if not kind.fullmatch(place):
        raise Refusal("E-CURSOR", "this cursor is not ours", status=400, fix="start without a cursor")
    return place
