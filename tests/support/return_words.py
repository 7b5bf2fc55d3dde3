"""Words of returns, for stories: asked for, admitted, back, ended."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from shared.contracts.clearance import ReturnAdmitted, ReturnCompleted, ReturnLapsed
from shared.contracts.declaration import ReturnRequested
from shared.contracts.logistics import GoodsReturned, ReturnOverdue
from shared.kernel.goods import ReturnedLine, ReturnedPart
from tests.support.builders import NOW, PARTIES, a_declaration_id


def request_of(number: int) -> str:
    """The id of a request: the same number, the same id."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"request-{number}"))


def whom(number: int, version: int = 1) -> dict[str, Any]:
    """What every event has."""
    return {"declaration_id": a_declaration_id(number), "version": version, "parties": PARTIES}


def a_return(number: int, quantity: str, request: int) -> ReturnRequested:
    lines = (ReturnedLine(line_no=1, quantity=Decimal(quantity)),)
    return ReturnRequested(
        request_id=request_of(request), requested_at=NOW, reason="too small", lines=lines, **whom(number)
    )


def _parts(quantity: str) -> tuple[ReturnedPart, ...]:
    return (ReturnedPart(line_no=1, quantity=Decimal(quantity), declared=Decimal(2)),)


def admitted(number: int, quantity: str, request: int) -> ReturnAdmitted:
    return ReturnAdmitted(
        request_id=request_of(request),
        lines=_parts(quantity),
        released_at=NOW,
        back_by=NOW + timedelta(days=45),
        **whom(number),
    )


def returned(number: int, request: int) -> GoodsReturned:
    return GoodsReturned(
        request_id=request_of(request),
        arrived_at=NOW,
        site="PVG",
        packages=1,
        gross_weight=Decimal("0.6"),
        **whom(number),
    )


def completed(number: int, quantity: str, request: int) -> ReturnCompleted:
    lines = _parts(quantity)
    return ReturnCompleted(
        request_id=request_of(request), lines=lines, arrived_at=NOW, site="PVG", **whom(number)
    )


def overdue(number: int, request: int) -> ReturnOverdue:
    """Nobody has reported the goods."""
    return ReturnOverdue(request_id=request_of(request), **whom(number))


def lapsed(number: int, request: int) -> ReturnLapsed:
    """The return has ended without its goods."""
    return ReturnLapsed(request_id=request_of(request), back_by=NOW, **whom(number))
