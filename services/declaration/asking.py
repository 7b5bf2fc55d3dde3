"""Asking: requests to amend, cancel, return, at the door.

An Idempotency-Key stands for one request as it does for one filing: the request's id follows from it, so that a
repeat finds what the first one made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import Response
from pydantic import ValidationError

from services.declaration.desk import Desk
from services.declaration.filing import idempotency_of
from services.declaration.reading import SqlReading
from services.declaration.requests import Kind, Wanted
from services.declaration.shape import faults_of, schema_fault
from services.declaration.shown import AmendmentIn, RequestOut
from services.declaration.submission import Submission
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import request_id_of, uuid7_at
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.access import Caller
from shared.runtime.body import Body, misread, read_body
from shared.runtime.database import reading
from shared.runtime.doors import not_found

SUBMISSION = "/submission"
"""Where a request to amend has its submission."""


class Envelope(NamedTuple):
    """A request to amend, as far as it could be read."""

    based_on_version: int
    submission: Body
    """The door reads it as any other."""
    faults: Sequence[Fault]
    """Of the envelope alone."""


def read_amendment(raw: bytes) -> Envelope:
    """What a request to amend says; raises a Refusal (400, 422) when there is no submission to examine."""
    body = read_body(raw)
    faults = [fault for fault in body.faults() if not fault.pointer.startswith(f"{SUBMISSION}/")]
    version = 0
    try:
        version = AmendmentIn.model_validate(body.plain).based_on_version
    except ValidationError as error:
        faults += _envelope_faults(error, body.plain)
    inside = body.plain.get("submission") if isinstance(body.plain, dict) else None
    if not isinstance(inside, dict):
        raise misread(faults)
    return Envelope(version, replace(body, plain=inside, at=SUBMISSION), faults)


def _envelope_faults(error: ValidationError, plain: Any) -> list[Fault]:
    """A submission that lies beside its place is told as that, not field by field."""
    faults = faults_of(error.errors(include_url=False, include_input=False), AmendmentIn)
    bare = {f"/{each.name}" for each in fields(Submission)}
    if not isinstance(plain, dict) or "submission" in plain or not bare & {fault.pointer for fault in faults}:
        return faults
    detail, fix = "it is missing; its fields lie beside it", "put the submission's fields under `submission`"
    kept = [fault for fault in faults if fault.pointer not in bare | {SUBMISSION}]
    return [*kept, schema_fault(SUBMISSION, "missing", detail, fix)]


@contextmanager
def told_beside(faults: Sequence[Fault]) -> Iterator[None]:
    """What is found inside is told after these."""
    try:
        yield
    except Refusal as refusal:
        if faults and refusal.faults:
            raise misread([*faults, *refusal.faults]) from None
        raise
    if faults:
        raise misread(faults)


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
    fresh = uuid7_at(datetime.now(UTC), os.urandom(10))
    return Wanted(
        request_id=request_id_of(idempotency) if idempotency else fresh,
        kind=kind,
        based_on_version=based_on_version,
        party=caller.party,
        reason=reason,
        idempotency=idempotency,
        lines=lines,
    )


async def taken_in(
    desk: Desk, declaration_id: str, wanted: Wanted, response: Response, *, is_new: bool
) -> RequestOut:
    """A request as it stands; one that the same Idempotency-Key had made before is marked as such."""
    if not is_new:
        response.headers["Idempotent-Replayed"] = "true"
    async with reading(desk.runtime.engine) as connection:
        row = await SqlReading(connection).request(declaration_id, wanted.request_id)
    if row is None:  # its month has left in this very moment
        raise not_found("request")
    return RequestOut.of(row)
