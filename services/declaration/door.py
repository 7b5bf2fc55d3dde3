"""Door: hostile bytes in, a submission out.

The raw body is decoded exactly (`shared/runtime/body.py`), every fault of shape is told at once with its place, and
nothing gets in that a table could not hold: no NaN, no overflow, no control character.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.declaration.bounds import bound_faults, known_bound_faults
from services.declaration.domain import said_no
from services.declaration.partial import known_part
from services.declaration.quick import quick
from services.declaration.shape import faults_of, schema_fault
from services.declaration.submission import LONGEST, Submission
from services.declaration.writing import raw_writing_faults, writing_faults
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.body import MOST, Body, count_of, read_body, unreadable

MAX_BODY = 1024 * 1024
"""Bytes that are read at all."""
MAX_DOCUMENT = 192 * 1024
"""Bytes of a submission without faults: its event then fits a record."""
Judge = Callable[[Submission], Sequence[Fault]]
"""What the rules say of a submission that is known in part."""


@cache
def adapter() -> TypeAdapter[Submission]:
    """The validator of submissions, built at first use."""
    return TypeAdapter(Submission)


def bounded_body(raw: bytes) -> Body:
    """A body that is JSON, and no longer than a submission may be; raises a Refusal (400, 413)."""
    if len(raw) > MAX_BODY:
        raise too_large(MAX_BODY)
    return read_body(raw)


def submission_of(body: Body, judge: Judge = lambda _: ()) -> Submission:
    """The submission that a body says; raises a Refusal (400, 413, 422) that names every fault.

    Of one that has faults of shape, `judge` says what the rules find in the part that is known.
    """
    plain = body.plain
    if not isinstance(plain, dict):
        raise unreadable("the body is not a JSON object")
    faults = [*body.faults(keys_of(plain)), *_too_many_lines(plain)]
    try:
        submission, miswritten = _made(plain)
    except ValidationError as error:
        faults += faults_of(error.errors(include_url=False, include_input=False))
        told = {fault.pointer for fault in faults}
        faults += [fault for fault in raw_writing_faults(plain) if fault.pointer not in told]
        faults += known_bound_faults(known_part(plain, faults))
        raise _refusal(faults, plain, judge) from None
    faults += [*miswritten, *bound_faults(submission)]
    if faults:
        raise _refusal(faults, plain, judge)
    if len(body.raw) > MAX_DOCUMENT:
        raise too_large(MAX_DOCUMENT)
    return submission


def _made(plain: dict[str, Any]) -> tuple[Submission, list[Fault]]:
    """The submission, and what is wrong with how its values are written; raises what the validator finds.

    What is made quickly holds only if nothing is wrong: of the rest the validator has the last word.
    """
    made = quick(plain)
    if made is not None and not writing_faults(plain):
        return made, []
    return adapter().validate_python(plain), writing_faults(plain)


def keys_of(plain: dict[str, Any]) -> int:
    """How many keys a submission of good shape has; of any other, no more than there are."""
    try:
        order, payment, waybill, papers = plain["order"], plain["payment"], plain["waybill"], plain["list"]
        inside = [
            *(plain, order, order["buyer"], order["consignee"], payment, payment["payer"]),
            *(waybill, waybill["consignee"], waybill["transport"], papers),
            *(*order["lines"], *papers["lines"], *papers.get("certificates", ())),
        ]
    except (LookupError, TypeError, AttributeError):
        return 0
    return sum(map(len, inside)) if all(type(each) is dict for each in inside) else 0


def _refusal(faults: Sequence[Fault], plain: dict[str, Any], judge: Judge) -> Refusal:
    """Faults of shape first, then what the rules say besides; of a body full of faults no rule is asked."""
    judged = judge(known_part(plain, faults)) if len(faults) < MOST else ()
    besides = f"; {said_no(judged)} besides" if judged else ""
    count = count_of(faults) if len(faults) < MOST else f"{MOST} faults and more"
    return Refusal(
        faults[0].code,
        f"the submission has {count} of shape{besides}",
        status=422,
        rule="submission_of",
        fix="correct every fault listed in errors and send it again",
        faults=[*faults[:MOST], *judged],
    )


def too_large(most: int) -> Refusal:
    """A body or a submission of too many bytes."""
    detail = f"a submission has at most {most} bytes"
    return Refusal("E-TOO-LARGE", detail, status=413, rule="bounded_body", fix="split the order")


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
