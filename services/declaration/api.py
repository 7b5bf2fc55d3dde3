"""Declaration door: filings, one by one and in bulk, amendments, cancellations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response, StreamingResponse

from services.declaration.bulk import file_lines, read_lines
from services.declaration.desk import Desk
from services.declaration.domain import Party
from services.declaration.door import MAX_BODY, read_submission, too_large
from services.declaration.filing import Filer, Filing, accept, examine
from services.declaration.petitions import (
    RequestAmendment,
    RequestCancellation,
    on_amendments_requested,
    on_cancellations_requested,
)
from services.declaration.requests import Kind, Wanted
from services.declaration.shown import CancellationIn, ReceiptOut, RequestOut
from shared.kernel.ids import DeclarationId, uuid7
from shared.kernel.refusal import Refusal
from shared.runtime import telemetry
from shared.runtime.access import Caller, allowed
from shared.runtime.desk import known_id
from shared.runtime.doors import Doing

router = APIRouter(prefix="/v1/declarations", tags=["declarations"])
NDJSON = "application/x-ndjson"
_VISIBLE = r"^[\x21-\x7e]{1,128}$"


async def desk_of(request: Request) -> Desk:
    """The desk of this replica."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
Writer = Annotated[Caller, Depends(allowed("declarations:write"))]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=_VISIBLE,
        description="Any text of your own: the same key and body get the same answer.",
        examples=["order-20250602-0001"],
    ),
]


class AmendmentIn(msgspec.Struct, forbid_unknown_fields=True):
    """A request to amend; the submission stays raw, so that the door reads it as any other."""

    based_on_version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)]
    submission: msgspec.Raw


@router.post("", status_code=202, summary="File a declaration", response_model=ReceiptOut)
async def file(request: Request, desk: AtDesk, caller: Writer, idempotency_key: Key = None) -> Response:
    """Order, payment, waybill and list in one submission. Every fault is told at once.

    202 says that it is kept and that the agencies will speak; it is no permit. The same content again gets the
    same answer (`Idempotent-Replayed: true`); other content under the same order or waybill number is a
    conflict that names the first declaration.
    """
    raw = await read_body(request)
    now = datetime.now(UTC)
    examined = examiner(desk, await desk.parties(now), _filer(caller, idempotency_key or ""), now)
    receipt = await desk.intake.submit(examined(raw))
    headers = {"Location": f"/v1/declarations/{receipt.declaration_id}"}
    if receipt.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = ReceiptOut.of(receipt).model_dump_json()
    return Response(body, 202, headers=headers, media_type="application/json")


@router.post("/batch", summary="File many declarations, one JSON object a line")
async def file_batch(request: Request, desk: AtDesk, caller: Writer) -> StreamingResponse:
    """NDJSON in, NDJSON out: an outcome a line, each with its line number and status, in order.

    1,000 lines and 16 MB at the most. A bad line spoils no other. A line answered 429 or 503 was not kept, or
    may be sent again safely in any case.
    """
    now = datetime.now(UTC)
    examined = examiner(desk, await desk.parties(now), _filer(caller, ""), now)
    lines = await read_lines(request.stream())
    return StreamingResponse(file_lines(lines, examined, desk.intake.submit_many), media_type=NDJSON)


@router.post("/{declaration_id}/amendments", status_code=202, summary="Ask to amend")
async def amend(
    declaration_id: str, request: Request, desk: AtDesk, orders: Doing, caller: Writer
) -> RequestOut:
    """`submission` is the whole new submission, examined as any other. Clearance admits it only if
    `based_on_version` is running and not released; the new version then goes through all gates anew."""
    known = DeclarationId(known_id(declaration_id))
    asked = read_amendment(await read_body(request))
    now = datetime.now(UTC)
    filing = examiner(desk, await desk.parties(now), _filer(caller, ""), now)(bytes(asked.submission))
    wanted = _wanted("amendment", asked.based_on_version, caller, "")
    order = RequestAmendment(declaration_id=known, filing=filing, wanted=wanted)
    await orders.run(on_amendments_requested, order)
    return _requested(known, wanted, now)


@router.post("/{declaration_id}/cancellation", status_code=202, summary="Ask to cancel")
async def cancel(declaration_id: str, body: CancellationIn, orders: Doing, caller: Writer) -> RequestOut:
    """Clearance admits it as long as the goods are not released; the natural keys are free again then."""
    known = DeclarationId(known_id(declaration_id))
    wanted = _wanted("cancellation", body.based_on_version, caller, body.reason)
    await orders.run(on_cancellations_requested, RequestCancellation(declaration_id=known, wanted=wanted))
    return _requested(known, wanted, datetime.now(UTC))


async def read_body(request: Request) -> bytes:
    """The raw body, no longer than a submission may be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise too_large(MAX_BODY)
    return bytes(body)


def read_amendment(raw: bytes) -> AmendmentIn:
    """The request in a body; 400 when it is no such JSON."""
    try:
        return msgspec.json.decode(raw, type=AmendmentIn)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refusal(
            "E-FMT-SCHEMA",
            f"the body is not {{based_on_version, submission}}: {str(error)[:200]}",
            status=400,
            rule="read_amendment",
            fix="send both, and nothing else",
        ) from None


def examiner(
    desk: Desk, parties: Mapping[str, Party], filer: Filer, now: datetime
) -> Callable[[bytes], Filing]:
    """From raw bytes to a filing; raises the Refusal that names every fault."""

    def examined(raw: bytes) -> Filing:
        submission = read_submission(raw)
        examine(submission, filer, parties, now)
        declaration_id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
        return accept(submission, filer, declaration_id, desk.secret, now)

    return examined


def _filer(caller: Caller, idempotency: str) -> Filer:
    return Filer(
        party=caller.party,
        client_id=caller.client_id,
        idempotency=idempotency,
        traceparent=telemetry.traceparent(),
    )


def _wanted(kind: Kind, based_on_version: int, caller: Caller, reason: str) -> Wanted:
    request_id = uuid7(int(datetime.now(UTC).timestamp() * 1000), os.urandom(10))
    return Wanted(
        request_id=request_id, kind=kind, based_on_version=based_on_version, party=caller.party, reason=reason
    )


def _requested(declaration_id: str, wanted: Wanted, now: datetime) -> RequestOut:
    return RequestOut.of(
        {
            "request_id": wanted.request_id,
            "declaration_id": declaration_id,
            "kind": wanted.kind,
            "based_on_version": wanted.based_on_version,
            "state": "PENDING",
            "requested_at": now,
            "reason": wanted.reason,
        }
    )
