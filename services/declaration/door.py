"""Door: hostile bytes in, a submission out.

The raw body is decoded exactly (decimals never pass binary floating point), every fault of shape is told at once
with its place, and nothing gets in that a table could not hold: no NaN, no overflow, no control character.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from services.declaration.bounds import bound_faults, raw_number_faults
from services.declaration.shape import faults_of, schema_fault
from services.declaration.submission import LONGEST, Submission
from shared.kernel.refusal import Fault, Refusal

MAX_BODY = 1024 * 1024
"""Bytes that are read at all."""
MAX_DOCUMENT = 192 * 1024
"""Bytes of a submission without faults: its event then fits a record."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = (b"\t", b"\n", b"\r")
_DIGITS = 40
"""Places before or after the point beyond which a number is not even looked at."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@cache
def adapter() -> TypeAdapter[Submission]:
    """The validator of submissions, built at first use."""
    return TypeAdapter(Submission)


def read_submission(raw: bytes) -> Submission:
    """The submission in a body; raises a Refusal (400, 413, 422) that names every fault."""
    plain = _read_json(raw)
    faults = [*_repeated_keys(raw, _survey(plain)), *_control_characters(raw, plain), *_too_many_lines(plain)]
    try:
        submission = adapter().validate_python(plain)
    except ValidationError as error:
        faults += faults_of(error.errors(include_url=False, include_input=False))
        faults += raw_number_faults(plain, {fault.pointer for fault in faults})
        raise _refusal(faults) from None
    faults += bound_faults(submission)
    if faults:
        raise _refusal(faults)
    if len(raw) > MAX_DOCUMENT:
        raise too_large(MAX_DOCUMENT)
    return submission


def _refusal(faults: list[Fault]) -> Refusal:
    return Refusal(
        "E-FMT-SCHEMA",
        f"the submission has {len(faults)} fault{'s' if len(faults) > 1 else ''} of shape",
        status=422,
        rule="read_submission",
        fix="correct every fault listed in errors and send it again",
        faults=faults,
    )


def too_large(most: int) -> Refusal:
    """A body or a submission of too many bytes."""
    detail = f"a submission has at most {most} bytes"
    return Refusal("E-TOO-LARGE", detail, status=413, rule="read_submission", fix="split the order")


def _read_json(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BODY:
        raise too_large(MAX_BODY)
    try:
        plain = _decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise _unreadable(_reason(error)) from None
    if not isinstance(plain, dict):
        raise _unreadable("the body is not a JSON object")
    return plain


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _unreadable(reason: str) -> Refusal:
    return Refusal(
        "E-FMT-SCHEMA",
        f"the body cannot be read as JSON: {reason}",
        status=400,
        rule="read_json",
        fix="send one JSON object in UTF-8",
        source="RFC 8259",
    )


def _survey(value: Any) -> int:
    """The number of keys in all objects; refuses numbers whose exponent alone could exhaust the memory."""
    count = 0
    if type(value) is dict:
        count, value = len(value), value.values()
    for each in value:
        kind = type(each)
        if kind is dict or kind is list:
            count += _survey(each)
        elif kind is Decimal and not -_DIGITS < each.adjusted() < _DIGITS:
            raise _unreadable("it holds a number that is far too large or too small")
    return count


def _repeated_keys(raw: bytes, keys: int) -> list[Fault]:
    """A key that occurs twice in an object: readers differ on which one counts.

    With no escape and no space before a colon, `":` stands for exactly one key; their number is compared.
    """
    if raw.count(b'":') == keys and b"\\" not in raw and not _has_spaced_colon(raw):
        return []
    return _find_repeated_keys(raw)


def _has_spaced_colon(raw: bytes) -> bool:
    """Whether a space stands before a colon; the search for one byte costs a tenth of that for two."""
    return b" :" in raw or any(space in raw and space + b":" in raw for space in _SPACES)


def _find_repeated_keys(raw: bytes) -> list[Fault]:
    repeated: list[str] = []

    def keep(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(names) != len(set(names)):
            repeated.extend(
                {name for name in names if names.count(name) > 1} if len(names) < 200 else names[:1]
            )

    json.loads(raw, object_pairs_hook=keep)
    return [
        schema_fault(
            "", "keys_are_unique", f"the key {name[:60]!r} occurs twice in one object", "send it once"
        )
        for name in repeated
    ]


def _control_characters(raw: bytes, plain: dict[str, Any]) -> list[Fault]:
    """Control characters, U+0000 first of all, which no table or XML document can hold."""
    if b"\\" not in raw and b"\x7f" not in raw and b"\xc2" not in raw:
        return []
    return [
        schema_fault(pointer, "text_is_printable", "it holds a control character", "send printable text only")
        for pointer, text in _texts(plain, "")
        if _CONTROL.search(text)
    ]


def _texts(value: Any, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(pointer, value)]
    if isinstance(value, dict):
        named = [(pointer, key) for key in value]
        return named + [
            found for key, each in value.items() for found in _texts(each, f"{pointer}/{key[:60]}")
        ]
    if isinstance(value, list):
        return [found for index, each in enumerate(value) for found in _texts(each, f"{pointer}/{index}")]
    return []


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
