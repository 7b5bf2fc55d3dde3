"""Pages: the pipeline live, one declaration, the reference.

Rendered here, without a script from anywhere; the small script beside them only keeps them fresh.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import markupsafe
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.portal.desk import Desk, PortalDesk
from services.portal.guide import operations_of
from services.portal.lanes import draw
from services.portal.latest import Listed
from services.portal.pipeline import GATES, SERVICE_OF_GATE, SERVICES, listed
from services.portal.sheet import sheet_of
from services.portal.story import facts_of, is_settled, length, took
from services.portal.streams import event_stream, live
from services.portal.upstream import Answer
from shared.kernel.ids import is_uuid
from shared.runtime.doors import not_found

router = APIRouter(include_in_schema=False)
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


@cache
def static(name: str) -> Static | None:
    """A file of static/."""
    known = {entry.name: entry for entry in (FOLDER / "static").iterdir()}
    if name not in known:
        return None
    content = known[name].read_bytes()
    return Static(content, KINDS[name.rpartition(".")[2]], hashlib.sha256(content).hexdigest()[:12])


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
        "day": lambda at: moment(at)[:16],
        "ago": ago,
        "count": lambda number: f"{number:,}",
        "inline": inline,
        "listed": listed,
        "short": short,
    }
    environment.globals |= {"asset": asset}
    return environment


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


def moment(value: datetime | str | None) -> str:
    """A moment for people, UTC."""
    if value is None or value == "":
        return ""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


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


@router.get("/")
async def live_page(desk: Desk) -> Response:
    """The pipeline, live."""
    picture = await desk.look()
    return render(
        "live.html",
        desk,
        picture=picture,
        shown=picture.as_json(),
        gates=[(gate, SERVICE_OF_GATE.get(gate, gate)) for gate in GATES],
        services=SERVICES,
        latest=await _latest(desk),
    )


@router.get("/live/events")
async def live_events(desk: Desk) -> Response:
    """The pipeline as a stream, for the live page."""
    desk.hub.make_room()
    return event_stream(live(desk))


@router.get("/live/latest")
async def latest_rows(desk: Desk) -> Response:
    """The rows of the latest declarations, for the live page."""
    return render("latest.html", desk, latest=await _latest(desk))


async def _latest(desk: PortalDesk) -> Listed:
    """The newest declarations; nothing outside the sandbox, where they are shown to their parties only."""
    return await desk.latest() if desk.settings.sandbox else Listed()


def away(desk: PortalDesk, *services: str) -> HTMLResponse:
    """The page that says who does not answer, and tries again by itself."""
    return render("away.html", desk, 503, who=services)


@router.get("/declarations")
async def find(desk: Desk, declaration_id: str = "") -> Response:
    """From the search field to the page of a declaration."""
    wanted = declaration_id.strip().lower()
    if is_uuid(wanted):
        return RedirectResponse(f"/declarations/{wanted}", 303)
    return render("missing.html", desk, 404, wanted=declaration_id[:60])


@router.get("/declarations/{declaration_id}")
async def declaration_page(declaration_id: str, desk: Desk) -> Response:
    """One declaration: its gates, its story, its permit."""
    if not is_uuid(declaration_id):
        return render("missing.html", desk, 404, wanted=declaration_id[:60])
    path = f"/v1/declarations/{declaration_id}"
    shown = await desk.see("declaration", path)
    if shown.status == 404:
        return render("missing.html", desk, 404, wanted=declaration_id)
    if not shown.is_good:
        return away(desk, shown.away or "declaration")
    timeline = await desk.see("declaration", f"{path}/timeline")
    facts = facts_of(timeline.body) if timeline.is_good else []
    missing = _missing(shown, timeline)
    now = datetime.now(UTC)
    settled = is_settled(facts, now)
    return render(
        "declaration.html",
        desk,
        sheet=sheet_of(shown.body),
        took=took(facts),
        facts=facts,
        drawing=draw(facts, now, is_open=not settled),
        settled=settled,
        is_told=timeline.is_good,
        away=missing,
    )


def _missing(*answers: Answer) -> list[str]:
    """The services whose word is missing in some answers."""
    told = [
        name for answer in answers if isinstance(answer.body, dict) for name in answer.body.get("away", ())
    ]
    return sorted({*told, *(answer.away for answer in answers if answer.away)})


@router.get("/declarations/{declaration_id}/permit.pdf")
async def permit_page(declaration_id: str, desk: Desk) -> Response:
    """The permit of a declaration, as the sandbox's observer gets it."""
    path = f"/v1/declarations/{declaration_id}/permit.pdf"
    found = await desk.see("clearance", path) if is_uuid(declaration_id) else None
    if found is not None and found.away:
        return away(desk, found.away)
    if found is None or not found.is_good:
        return render("missing.html", desk, 404, wanted=f"permit of {declaration_id[:60]}")
    return Response(found.content, media_type="application/pdf", headers={"Cache-Control": "no-store"})


@router.get("/docs")
async def docs(desk: Desk) -> Response:
    """The reference for people."""
    reference = await desk.reference()
    return render("docs.html", desk, groups=operations_of(reference), unheard=desk.unheard)


@router.get("/static/{name}")
async def static_file(name: str, request: Request) -> Response:
    """A style, a script or a picture; kept by browsers for as long as its mark stays."""
    found = static(name)
    if found is None:
        raise not_found("file")
    age = "public, max-age=31536000, immutable" if request.url.query == found.mark else "no-cache"
    headers = {"Cache-Control": age, "ETag": f'"{found.mark}"', "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.kind, headers=headers)
