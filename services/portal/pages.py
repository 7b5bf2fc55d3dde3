"""Pages: the pipeline live, one declaration, the reference.

Rendered here, without a script from anywhere; the small script beside them only keeps them fresh.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from services.portal.desk import Desk, PortalDesk
from services.portal.guide import operations_of
from services.portal.lanes import draw
from services.portal.latest import Listed
from services.portal.paper import away, render, static
from services.portal.pipeline import GATES, SERVICE_OF_GATE, SERVICES
from services.portal.sheet import sheet_of
from services.portal.story import away_of, facts_of, is_settled, took
from services.portal.streams import event_stream, live
from services.portal.upstream import Answer
from shared.kernel.ids import is_uuid
from shared.runtime.doors import not_found

router = APIRouter(include_in_schema=False)


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
    return await event_stream(live(desk))


@router.get("/live/latest")
async def latest_rows(desk: Desk) -> Response:
    """The rows of the latest declarations, for the live page."""
    return render("latest.html", desk, latest=await _latest(desk))


async def _latest(desk: PortalDesk) -> Listed:
    """The newest declarations; nothing outside the sandbox, where they are shown to their parties only."""
    return await desk.latest() if desk.settings.sandbox else Listed()


@router.get("/declarations/{declaration_id}")
async def declaration_page(declaration_id: str, desk: Desk) -> Response:
    """One declaration: its gates, its story, its permit."""
    if not (is_uuid(declaration_id) and desk.settings.sandbox):
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
    settled = is_settled(facts, away_of(timeline.body), now)
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
    if not desk.settings.sandbox:
        return render("missing.html", desk, 404, wanted=declaration_id[:60])
    path = f"/v1/declarations/{declaration_id}/permit.pdf"
    found = await desk.see("clearance", path) if is_uuid(declaration_id) else Answer(status=404)
    if found.status in (403, 404):
        return render("no-permit.html", desk, 404, declaration_id=declaration_id[:60])
    if not found.is_good:
        return away(desk, found.away or "clearance")
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
