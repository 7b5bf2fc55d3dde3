"""Clearance door: gates, permits, verification.

Gates and permits are read by the parties of their declaration and by officers; a permit's number may be verified
by anybody.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from services.clearance import pdf
from services.clearance.domain import Case, Permit, PlaceHold, RevokePermit, validity
from services.clearance.handlers import on_holds_placed, on_permits_revoked
from services.clearance.permit import content
from services.clearance.shown import (
    ClearanceOut,
    GateOut,
    KeysOut,
    PermitOut,
    ReasonIn,
    TallyOut,
    VerificationOut,
)
from services.clearance.store import SqlCaseBook
from shared.kernel.ids import is_uuid
from shared.runtime.access import Caller, allowed
from shared.runtime.challenges import refuse_scope
from shared.runtime.database import reading
from shared.runtime.doors import Doing, not_found, reader
from shared.runtime.route import Door

router = Door(tags=["clearance"])
JOSE = "application/jose"
open_book = reader(SqlCaseBook)
Book = Annotated[SqlCaseBook, Depends(open_book)]
may_read = allowed("declarations:read")
Reader = Annotated[Caller, Depends(may_read)]
Officer = Annotated[Caller, Depends(allowed("reviews:clearance"))]
Id = Annotated[str, Path(examples=["019732f0-2a80-7000-8000-000000000001"])]
Number = Annotated[str, Path(pattern="^[A-Z]{2}[0-9]{10,30}$", examples=["SW20260001000000042"])]


@router.get("/v1/clearance", summary="How many declarations stand where")
async def tally(book: Book, caller: Reader) -> TallyOut:
    """For officers and the live page."""
    if not caller.reads_all:
        refuse_scope("reviews:clearance", caller.scopes)
    return TallyOut.of(await book.tally())


@router.get("/internal/tally", include_in_schema=False)
async def internal_tally(book: Book) -> TallyOut:
    """The same for the live page; the gateway does not route it."""
    return TallyOut.of(await book.tally())


@router.get("/internal/gates", include_in_schema=False)
async def internal_gates(
    declaration_ids: Annotated[str, Query(max_length=4000)], book: Book, caller: Reader
) -> dict[str, ClearanceOut]:
    """The gates of declarations (ids with commas) for the live page's list; those unknown are left out."""
    cases = await book.read([one for one in declaration_ids.split(",") if is_uuid(one)])
    heard = {key: case for key, case in cases.items() if case.parties and caller.may_read(case.parties)}
    return {key: ClearanceOut.of(case) for key, case in heard.items()}


@router.get("/v1/clearance/{declaration_id}", summary="The gates of a declaration")
async def gates(declaration_id: Id, book: Book, caller: Reader) -> ClearanceOut:
    """Four agencies and clearance's own: status, since when, why, who must act and until when."""
    return ClearanceOut.of(await _case(declaration_id, book, caller))


@router.post("/v1/clearance/{declaration_id}/hold", status_code=201, summary="Hold a declaration")
async def hold(declaration_id: Id, body: ReasonIn, book: Book, orders: Doing, caller: Officer) -> GateOut:
    """Opens a review in /v1/reviews/clearance: pass lifts the hold, refuse ends the declaration."""
    await _case(declaration_id, book, caller)
    order = PlaceHold(declaration_id=declaration_id, officer=caller.client_id, reason=body.reason)
    await orders.run(on_holds_placed, order)
    book.forget()
    case = await _case(declaration_id, book, caller)
    return ClearanceOut.of(case).gates[-1]


@router.get(
    "/v1/declarations/{declaration_id}/permit",
    summary="The permit, with its signature",
    response_model=PermitOut,
    responses={
        200: {
            "content": {JOSE: {"schema": {"type": "string"}}},
            "description": f"The compact JWS alone with `Accept: {JOSE}`.",
        }
    },
)
async def permit(declaration_id: Id, request: Request, book: Book, caller: Reader) -> Response:
    """What it covers is in the signed content; the same bytes and the same signature whenever it is read."""
    case, found = await _permit(declaration_id, book, caller)
    covers = content(case, found, await book.declared(case))
    jws = request.app.state.keyring.sign(found.key_id, covers)
    if JOSE in request.headers.get("accept", ""):
        return Response(jws, media_type=JOSE)
    said = PermitOut.of(found, covers, jws, await book.now()).model_dump_json()
    return Response(said, media_type="application/json")


async def permit_at_once(request: Request) -> Response:
    """The same by an express lane: who waits for a permit asks for it again and again."""
    caller = await may_read(request)
    async with reading(request.app.state.runtime.engine) as connection:
        return await permit(request.path_params["declaration_id"], request, SqlCaseBook(connection), caller)


@router.get(
    "/v1/declarations/{declaration_id}/permit.pdf",
    summary="The permit as a page with a QR code",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def permit_page(declaration_id: Id, request: Request, book: Book, caller: Reader) -> Response:
    """One page; the code leads to the public verification."""
    case, found = await _permit(declaration_id, book, caller)
    sheet = pdf.Sheet(
        content=msgspec.json.decode(content(case, found, await book.declared(case))),
        covers_sha256=found.covers_sha256,
        key_id=found.key_id,
        status=validity(found, await book.now()),
        address=f"{request.app.state.runtime.settings.gateway_url}/v1/permits/{found.permit_no}/verification",
    )
    headers = {"Content-Disposition": f'inline; filename="{found.permit_no}.pdf"'}
    return Response(await run_in_threadpool(pdf.render, sheet), media_type="application/pdf", headers=headers)


@router.get("/v1/permits/keys", summary="The keys that sign permits")
async def keys(request: Request) -> KeysOut:
    """A JWK set, open to all; with it a permit is verified offline."""
    return KeysOut.model_validate(request.app.state.keyring.published())


@router.get("/v1/permits/{permit_no}/verification", summary="Is this permit good?")
async def verification(permit_no: Number, book: Book) -> VerificationOut:
    """Open to all: valid, expired or revoked, and the hash of what it covers; an unknown number is 404."""
    _, found = await _numbered(permit_no, book)
    return VerificationOut.of(found, await book.now())


@router.post("/v1/permits/{permit_no}/revocation", status_code=201, summary="Revoke a permit")
async def revocation(
    permit_no: Number, body: ReasonIn, book: Book, orders: Doing, caller: Officer
) -> VerificationOut:
    """For good."""
    case, _ = await _numbered(permit_no, book)
    order = RevokePermit(declaration_id=case.declaration_id, officer=caller.client_id, reason=body.reason)
    await orders.run(on_permits_revoked, order)
    _, found = await _numbered(permit_no, book)
    return VerificationOut.of(found, await book.now())


async def _case(declaration_id: str, book: SqlCaseBook, caller: Caller) -> Case:
    """The case, if it is known and the caller may see it."""
    case = (await book.read([declaration_id]))[declaration_id] if is_uuid(declaration_id) else None
    if case is None or not case.parties or not caller.may_read(case.parties):
        raise not_found("declaration")
    return case


async def _permit(declaration_id: str, book: SqlCaseBook, caller: Caller) -> tuple[Case, Permit]:
    case = await _case(declaration_id, book, caller)
    if case.permit is None:
        raise not_found("permit")
    return case, case.permit


async def _numbered(permit_no: str, book: SqlCaseBook) -> tuple[Case, Permit]:
    case = await book.by_permit(permit_no)
    if case is None or case.permit is None:
        raise not_found("permit")
    return case, case.permit
