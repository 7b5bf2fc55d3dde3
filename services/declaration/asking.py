"""Asking: requests to amend, cancel, return, at the door.

An Idempotency-Key stands for one request as it does for one filing: the request's id follows from it, so that a
repeat finds what the first one made.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastapi import Response
from pydantic import ValidationError

from services.declaration.desk import Desk
from services.declaration.filing import idempotency_of
from services.declaration.reading import SqlReading
from services.declaration.requests import Kind, Wanted
from services.declaration.shape import faults_of
from services.declaration.shown import AmendmentIn, RequestOut
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import request_id_of, uuid7
from shared.runtime.access import Caller
from shared.runtime.body import Body, misread, read_body
from shared.runtime.database import reading

SUBMISSION = "/submission"
"""Where a request to amend has its submission."""


def read_amendment(raw: bytes) -> tuple[int, Body]:
    """The version that is to be amended, and the submission: the door reads it as any other."""
    body = read_body(raw)
    if any(not fault.pointer.startswith(f"{SUBMISSION}/") for fault in body.faults()):
        raise misread(body.faults())
    try:
        asked = AmendmentIn.model_validate(body.plain)
    except ValidationError as error:
        told = faults_of(error.errors(include_url=False, include_input=False))
        raise misread([*body.faults(), *told]) from None
    return asked.based_on_version, replace(body, plain=asked.submission, at=SUBMISSION)


def wanted_of(  # noqa: PLR0913, PLR0917 (what a request is made of)
    kind: Kind,
    based_on_version: int,
    caller: Caller,
    key: str | None,
    reason: str = "",
    lines: tuple[ReturnedLine, ...] = (),
) -> Wanted:
    """A request under its id."""
    idempotency = idempotency_of(caller.client_id, key or "")
    fresh = uuid7(int(datetime.now(UTC).timestamp() * 1000), os.urandom(10))
    return Wanted(
        request_id=request_id_of(idempotency) if idempotency else fresh,
        kind=kind,
        based_on_version=based_on_version,
        party=caller.party,
        reason=reason,
        idempotency=idempotency,
        lines=lines,
    )


def requested(declaration_id: str, wanted: Wanted, version: int = 0) -> RequestOut:
    """A request that was taken in just now; about a version that it did not name itself."""
    row = {
        "request_id": wanted.request_id,
        "declaration_id": declaration_id,
        "kind": wanted.kind,
        "based_on_version": version or wanted.based_on_version,
        "state": "PENDING",
        "requested_at": datetime.now(UTC),
        "reason": wanted.reason,
        "lines": wanted.lines,
    }
    return RequestOut.of(row)


async def repeated(desk: Desk, declaration_id: str, wanted: Wanted, response: Response) -> RequestOut:
    """The request that the same Idempotency-Key has made already, as it stands now."""
    response.headers["Idempotent-Replayed"] = "true"
    async with reading(desk.runtime.engine) as connection:
        row: Mapping[str, Any] | None = await SqlReading(connection).request(
            declaration_id, wanted.request_id
        )
    return RequestOut.of(row) if row else requested(declaration_id, wanted)
