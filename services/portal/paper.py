"""Paper: templates, files and headers of every page.

Rendered here, without a script from anywhere; the small scripts beside them only keep pages fresh and forms short.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import markupsafe
from fastapi.responses import HTMLResponse

from services.portal.desk import PortalDesk
from services.portal.pipeline import listed
from services.portal.questions import place_name
from services.portal.story import length

FOLDER = files("services.portal")
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Static:
    """A file as it is served, and the mark that changes with it."""

    content: bytes
    kind: str
    mark: str


def static(name: str) -> Static | None:
    """A file of static/; names that anybody may ask for are not kept."""
    return _folder().get(name)


@cache
def _folder() -> dict[str, Static]:
    """The files of static/ by name, read once."""
    kinds = {entry: KINDS.get(entry.name.rpartition(".")[2]) for entry in (FOLDER / "static").iterdir()}
    return {entry.name: _served(entry.read_bytes(), kind) for entry, kind in kinds.items() if kind}


def _served(content: bytes, kind: str) -> Static:
    return Static(content, kind, hashlib.sha256(content).hexdigest()[:12])


@cache
def templates() -> jinja2.Environment:
    """The templates, escaping everything."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(FOLDER / "templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": moment,
        "minute": lambda at: moment(at, "minutes"),
        "exact": lambda at: moment(at, "milliseconds"),
        "ago": ago,
        "count": lambda number: f"{number:,}",
        "inline": inline,
        "listed": listed,
        "money": money,
        "place_id": lambda pointer: pointer.strip("/").replace("/", "-"),
        "place_name": place_name,
        "short": short,
    }
    environment.globals |= {"asset": asset}
    return environment


def money(value: Decimal | str) -> str:
    """An amount with its thousands apart; its places are those it came with."""
    return f"{Decimal(value):,f}"


def inline(text: str) -> markupsafe.Markup:
    """Text with what stands in backticks as code."""
    parts = [markupsafe.escape(part) for part in text.split("`")]
    marked = [
        markupsafe.Markup("<code>{}</code>").format(part) if at % 2 and at < len(parts) - 1 else part
        for at, part in enumerate(parts)
    ]
    return markupsafe.Markup("").join(marked)


def short(path: str) -> markupsafe.Markup:
    """A path for a narrow column: no version, short names, breaks after slashes."""
    parts = re.sub(r"\{[a-z]+_(id|no)\}", r"{\1}", path.removeprefix("/v1")).split("/")
    return markupsafe.Markup("/<wbr>").join(parts)


def asset(name: str) -> str:
    """The address of a static file, with its mark."""
    found = static(name)
    return f"/static/{name}?{found.mark if found else ''}"


def moment(value: datetime | str | None, places: str = "seconds") -> str:
    """A moment for people, with its zone: whoever reads it elsewhere cannot take it for theirs."""
    if value is None or value == "":
        return ""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(' ', places)} UTC"


def ago(value: datetime | str | None) -> str:
    """How long ago a moment was."""
    if value is None or value == "":
        return ""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    seconds = max(round((datetime.now(UTC) - at).total_seconds()), 0)
    return f"{seconds} s ago" if seconds < 60 else f"{length(timedelta(seconds=seconds))} ago"


def render(name: str, desk: PortalDesk, status: int = 200, **values: Any) -> HTMLResponse:
    """A page."""
    page = templates().get_template(name)
    shown = {"sandbox": desk.settings.sandbox, "gateway_url": desk.settings.gateway_url, **values}
    return HTMLResponse(page.render(**shown), status, HEADERS)


def away(desk: PortalDesk, *services: str) -> HTMLResponse:
    """The page that says who does not answer, and tries again by itself."""
    return render("away.html", desk, 503, who=services)
