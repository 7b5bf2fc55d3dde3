"""Portal's door: a declaration's events as a stream, and the merged reference."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response

from services.portal.cursor import LONGEST
from services.portal.desk import Desk
from services.portal.streams import Viewer, event_stream, follow, is_over
from services.portal.upstream import COMPOSING, Answer
from shared.kernel.ids import is_uuid
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, allowed, bearer
from shared.runtime.doors import not_found
from shared.runtime.route import Door

router = Door()
Reading = Annotated[Caller, Depends(allowed("declarations:read"))]
Id = Annotated[str, Path(examples=["019732f0-2a80-7000-8000-000000000001"])]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `id` is the last `source:seq` told of each source, `event` the type, "
        "`data` the fact.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: declaration:1,tax:1\nevent: tax.assessed.v1\ndata: {"source":"tax","seq":1, ...}\n\n',
            }
        },
    },
    204: {
        "description": "The declaration is settled and nothing has followed Last-Event-ID: do not come again."
    },
}


@router.get(
    "/v1/declarations/{declaration_id}/events",
    tags=["declarations"],
    summary="Follow a declaration (server-sent events)",
    response_class=Response,
    responses=_STREAM,
)
async def events(
    declaration_id: Id,
    request: Request,
    desk: Desk,
    caller: Reading,
    last_event_id: Annotated[str, Header(alias="Last-Event-ID", max_length=LONGEST)] = "",
) -> Response:
    """Each fact as it becomes known, what is known already first; ends when the declaration is settled.

    After a break send the last id as `Last-Event-ID` and only what was not told is told; an id that was never given
    tells all again. A comment comes every 15 seconds.
    """
    if not is_uuid(declaration_id):
        raise not_found("declaration")
    viewer = Viewer(
        declaration_id=declaration_id,
        caller=caller,
        token=bearer(request),
        verifier=request.app.state.verifier,
        last_id=last_event_id,
    )
    first = await desk.upstream.ask("declaration", viewer.path, viewer.token, COMPOSING)
    if not first.is_good:
        return _passed_on(first)
    if is_over(first, last_event_id):
        return Response(status_code=204)
    return await event_stream(follow(desk, viewer, first))


@router.get("/openapi.json", include_in_schema=False)
async def reference(desk: Desk) -> dict[str, Any]:
    """The OpenAPI of all services in one document."""
    return await desk.reference()


def _passed_on(answer: Answer) -> Response:
    """The problem that another service answered with."""
    if answer.status == 503 or not answer.content:
        raise Refusal(
            "E-AWAY-DECLARATION",
            "the declaration service does not answer",
            status=503,
            fix="try again in a moment",
            headers={"Retry-After": "3"},
        )
    return Response(answer.content, answer.status, media_type="application/problem+json")
