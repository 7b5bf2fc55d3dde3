"""Returning: the door for released goods that go back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from services.declaration.api import AtDesk, Key, Writer
from services.declaration.asking import taken_in, wanted_of
from services.declaration.pages import Id, Reader, one
from services.declaration.reading import SqlReading
from services.declaration.returns import RequestReturn, on_returns_requested
from services.declaration.shown import RequestOut, ReturnIn, ReturnOut, ReturnsOut
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import DeclarationId
from shared.runtime.desk import known_id
from shared.runtime.doors import Doing, reader
from shared.runtime.neighbour import ask
from shared.runtime.route import Door

router = Door(prefix="/v1/declarations", tags=["declarations"])
Reading = Annotated[SqlReading, Depends(reader(SqlReading))]


@router.post("/{declaration_id}/returns", status_code=202, summary="Ask to return released goods")
async def return_goods(  # noqa: PLR0913, PLR0917 (what the framework gives a route)
    declaration_id: str,
    body: ReturnIn,
    response: Response,
    desk: AtDesk,
    orders: Doing,
    caller: Writer,
    idempotency_key: Key = None,
) -> RequestOut:
    """In whole or in part. Clearance admits it within the days of the window after the release, and no more of a line
    than earlier returns have left. Tax and quota are given back once the carrier reports the goods on their site;
    goods that are not back in time end the return, and their quantities are free again."""
    known = DeclarationId(known_id(declaration_id))
    lines = tuple(ReturnedLine(line_no=line.line_no, quantity=line.quantity) for line in body.lines)
    wanted = wanted_of("return", 0, caller, idempotency_key, body.reason, lines)
    made = await orders.run(on_returns_requested, RequestReturn(declaration_id=known, wanted=wanted))
    return await taken_in(desk, known, wanted, response, is_new=bool(made))


@router.get("/{declaration_id}/returns", summary="The returns of a declaration")
async def returns(declaration_id: Id, request: Request, reading: Reading, caller: Reader) -> ReturnsOut:
    """Oldest first: each with its lines, how it stands, and what tax has given back for it."""
    await one(declaration_id, reading, caller)
    rows = await reading.returns(known_id(declaration_id))
    await reading.let_go()
    taxed, is_away = await ask(request, "tax", f"/v1/assessments/{declaration_id}") if rows else (None, False)
    refunds = refunds_of(taxed)
    return ReturnsOut(
        declaration_id=declaration_id,
        items=[ReturnOut.of({**row, "refund": refunds.get(row["request_id"])}) for row in rows],
        away=["tax"] if is_away else [],
    )


def refunds_of(taxed: Any) -> Mapping[str, Any]:
    """What tax has given back, by request; whatever shape its answer has."""
    versions = taxed.get("versions", ()) if isinstance(taxed, Mapping) else ()
    return {refund["request_id"]: refund for version in versions for refund in version.get("refunds", ())}
