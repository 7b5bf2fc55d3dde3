"""Declaration door: filings, one by one and in bulk, amendments, cancellations."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import Response, StreamingResponse

from services.declaration.asking import SUBMISSION, read_amendment, taken_in, told_beside, wanted_of
from services.declaration.bulk import NDJSON, file_lines, keyless, read_lines
from services.declaration.desk import Desk
from services.declaration.door import MAX_BODY, bounded_body, too_large
from services.declaration.examiner import Examiner
from services.declaration.filing import Filer
from services.declaration.petitions import (
    RequestAmendment,
    RequestCancellation,
    on_amendments_requested,
    on_cancellations_requested,
)
from services.declaration.shown import CancellationIn, ReceiptOut, RequestOut
from shared.kernel.ids import DeclarationId
from shared.kernel.refusal import beneath
from shared.runtime import telemetry
from shared.runtime.access import Caller, allowed
from shared.runtime.desk import known_id
from shared.runtime.doors import Doing
from shared.runtime.patterns import VISIBLE
from shared.runtime.route import Door

router = Door(prefix="/v1/declarations", tags=["declarations"])


async def desk_of(request: Request) -> Desk:
    """The desk of this replica."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
may_write = allowed("declarations:write")
Writer = Annotated[Caller, Depends(may_write)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=VISIBLE,
        description="Any text of your own: the same key and body get the same answer, and nothing is done twice.",
        examples=["order-20250602-0001"],
    ),
]


@router.post("", status_code=202, summary="File a declaration", response_model=ReceiptOut)
async def file(request: Request, desk: AtDesk, caller: Writer, idempotency_key: Key = None) -> Response:
    """Order, payment, waybill and list in one submission. Every fault is told at once.

    202 says that it is kept and that the agencies will speak; it is no permit. The same content again gets the
    same answer (`Idempotent-Replayed: true`); other content under the same order or waybill number is a
    conflict that names the first declaration.
    """
    examiner = await _examiner(desk, caller, idempotency_key or "")
    with desk.doorman.watching():
        receipt = await desk.intake.submit(examiner.filing(bounded_body(await read_raw(request))))
    headers = {"Location": f"/v1/declarations/{receipt.declaration_id}"}
    if receipt.replayed:
        headers["Idempotent-Replayed"] = "true"
    body = ReceiptOut.of(receipt).model_dump_json()
    return Response(body, 202, headers=headers, media_type="application/json")


async def file_at_once(request: Request) -> Response:
    """The same by an express lane."""
    return await file(request, await desk_of(request), await may_write(request), _key_of(request))


def is_plainly_filed(request: Request) -> bool:
    """Whether the framework has nothing to say of a filing's headers."""
    key = _key_of(request)
    return key is None or re.fullmatch(VISIBLE, key) is not None


def _key_of(request: Request) -> str | None:
    return request.headers.get("idempotency-key")


@router.post(
    "/batch", summary="File many declarations, one JSON object a line", response_class=StreamingResponse
)
async def file_batch(request: Request, desk: AtDesk, caller: Writer) -> StreamingResponse:
    """NDJSON in, NDJSON out: an outcome a line, each with its number (blank lines do not count), in order.

    1,000 lines and 16 MB at the most; no Idempotency-Key: a line that is sent again gets its first answer by its
    order and waybill numbers. A bad line spoils no other. A line answered 429 or 503 was not kept, or
    may be sent again safely in any case.
    """
    if _key_of(request) is not None:
        raise keyless()
    examiner = await _examiner(desk, caller)
    lines = await read_lines(request.stream())
    stages = (bounded_body, *examiner.stages)
    outcomes = file_lines(lines, stages, desk.intake.submit_many, desk.doorman.note)
    return StreamingResponse(outcomes, media_type=NDJSON)


@router.post("/{declaration_id}/amendments", status_code=202, summary="Ask to amend")
async def amend(  # noqa: PLR0913, PLR0917 (what the framework gives a route)
    declaration_id: str,
    request: Request,
    response: Response,
    desk: AtDesk,
    orders: Doing,
    caller: Writer,
    idempotency_key: Key = None,
) -> RequestOut:
    """`submission` is the whole new submission, examined as any other, and differs from the running version.
    Clearance admits it only if `based_on_version` is running and not released; the new version then goes through
    all gates anew."""
    known = DeclarationId(known_id(declaration_id))
    envelope = read_amendment(await read_raw(request))
    examiner = await _examiner(desk, caller)
    with told_beside(envelope.faults), beneath(SUBMISSION):
        filing = examiner.filing(envelope.submission)
    wanted = wanted_of("amendment", envelope.based_on_version, caller, idempotency_key)
    order = RequestAmendment(declaration_id=known, filing=filing, wanted=wanted)
    made = await orders.run(on_amendments_requested, order)
    return await taken_in(desk, known, wanted, response, is_new=bool(made))


@router.post("/{declaration_id}/cancellation", status_code=202, summary="Ask to cancel")
async def cancel(  # noqa: PLR0913, PLR0917 (what the framework gives a route)
    declaration_id: str,
    body: CancellationIn,
    response: Response,
    desk: AtDesk,
    orders: Doing,
    caller: Writer,
    idempotency_key: Key = None,
) -> RequestOut:
    """Clearance admits it as long as the goods are not released; the natural keys are free again then."""
    known = DeclarationId(known_id(declaration_id))
    wanted = wanted_of("cancellation", body.based_on_version, caller, idempotency_key, body.reason)
    made = await orders.run(
        on_cancellations_requested, RequestCancellation(declaration_id=known, wanted=wanted)
    )
    return await taken_in(desk, known, wanted, response, is_new=bool(made))


async def read_raw(request: Request) -> bytes:
    """The raw body, no longer than a submission may be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise too_large(MAX_BODY)
    return bytes(body)


async def _examiner(desk: Desk, caller: Caller, idempotency: str = "") -> Examiner:
    """Who examines what a caller sends now."""
    now = datetime.now(UTC)
    filer = Filer(
        party=caller.party,
        client_id=caller.client_id,
        idempotency=idempotency,
        traceparent=telemetry.traceparent(),
    )
    return Examiner(desk.secret, await desk.parties(), filer, now)
