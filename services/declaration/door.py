"""Door: hostile bytes in, a submission out.

The raw body is decoded exactly (`shared/runtime/body.py`), every fault of shape is told at once with its place, and
nothing gets in that a table could not hold: no NaN, no overflow, no control character.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.declaration.bounds import bound_faults
from services.declaration.shape import faults_of, schema_fault
from services.declaration.submission import LONGEST, Submission
from services.declaration.writing import raw_writing_faults, writing_faults
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.body import Body, count_of, read_body, unreadable

MAX_BODY = 1024 * 1024
"""Bytes that are read at all."""
MAX_DOCUMENT = 192 * 1024
"""Bytes of a submission without faults: its event then fits a record."""


@cache
def adapter() -> TypeAdapter[Submission]:
    """The validator of submissions, built at first use."""
    return TypeAdapter(Submission)


def read_submission(raw: bytes) -> Submission:
    """The submission in a body; raises a Refusal (400, 413, 422) that names every fault."""
    if len(raw) > MAX_BODY:
        raise too_large(MAX_BODY)
    return submission_of(read_body(raw))


def submission_of(body: Body) -> Submission:
    """The submission that a body says."""
    plain = body.plain
    if not isinstance(plain, dict):
        raise unreadable("the body is not a JSON object")
    faults = [*body.faults(), *_too_many_lines(plain)]
    try:
        submission = adapter().validate_python(plain)
    except ValidationError as error:
        faults += faults_of(error.errors(include_url=False, include_input=False))
        told = {fault.pointer for fault in faults}
        faults += [fault for fault in raw_writing_faults(plain) if fault.pointer not in told]
        raise _refusal(faults) from None
    faults += writing_faults(plain)
    faults += bound_faults(submission)
    if faults:
        raise _refusal(faults)
    if len(body.raw) > MAX_DOCUMENT:
        raise too_large(MAX_DOCUMENT)
    return submission


def _refusal(faults: list[Fault]) -> Refusal:
    return Refusal(
        "E-FMT-SCHEMA",
        f"the submission has {count_of(faults)} of shape",
        status=422,
        rule="read_submission",
        fix="correct every fault listed in errors and send it again",
        faults=faults,
    )


def too_large(most: int) -> Refusal:
    """A body or a submission of too many bytes."""
    detail = f"a submission has at most {most} bytes"
    return Refusal("E-TOO-LARGE", detail, status=413, rule="read_submission", fix="split the order")


def _too_many_lines(plain: dict[str, Any]) -> list[Fault]:
    """More than 99 lines: told once, and the rest of the lines is not looked at."""
    faults = []
    for document in ("order", "list"):
        paper = plain.get(document)
        lines = paper.get("lines") if isinstance(paper, dict) else None
        if isinstance(paper, dict) and isinstance(lines, list) and len(lines) > LONGEST:
            paper["lines"] = lines[:LONGEST]
            detail = f"{len(lines)} lines; a declaration has at most {LONGEST}"
            fix = "split the order into parcels of at most 99 lines each"
            pointer = f"/{document}/lines"
            fault = schema_fault(pointer, "lines_are_at_most_99", detail, fix, code="E-FMT-BATCH")
            faults.append(fault)
    return faults
