"""Body: hostile JSON in, exact plain values out.

Decimals never pass binary floating point; a number whose exponent alone could exhaust the memory is refused unread; a
key that occurs twice and a character that cannot be shown are faults. Every door that takes JSON reads it here.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from shared.kernel.refusal import Fault, Refusal, escaped
from shared.kernel.written import HOW_TEXT, find_unseen

DIGITS = 40
"""Places before or after the point beyond which a number is not even looked at."""
MOST_VALUES = 20_000
"""Values in a body, told by its commas: four times what the fullest submission or report has. Each may be a fault."""
MOST = 500
"""Faults that are told apart: a body with more of them is something else than what was asked for."""
_SPACES = (b"\t", b"\n", b"\r")
_SOURCE = "RFC 8259"

_after_c2 = re.compile(rb"\xc2[\x80-\x9f]").search
_after_e2 = re.compile(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])").search
_after_ef = re.compile(rb"\xef\xbf[\xb9-\xbb\xbe\xbf]").search
"""In UTF-8, the characters of `written.UNSEEN` from U+007F on; a test compares the two."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it was sent, and what it says."""

    raw: bytes
    plain: Any
    at: str = ""
    """Where, in what was sent, `plain` lies (JSON Pointer)."""

    def faults(self, keys: int = 0) -> list[Fault]:
        """What makes it mean one thing to one reader and another to the next; places are those within `plain`.

        Who knows how many keys `plain` has, at least, may say so: counting them is the largest part of this.
        """
        try:
            repeated = _repeated_keys(self.raw, self.plain, keys)
            return [*_within(self.at, repeated), *_unseen_characters(self.raw, self.plain)]
        except RecursionError as error:  # the reader of bodies goes deeper than these do
            raise unreadable(_reason(error)) from None


def read_body(raw: bytes) -> Body:
    """A body that is JSON; raises a Refusal (400, 413) when it is none, or of more values than anybody needs.

    A byte order mark before it means nothing (RFC 8259, section 8.1): many clients on Windows send one.
    """
    raw = raw.removeprefix(BOM_UTF8)
    if len(raw) > MOST_VALUES and raw.count(b",") > MOST_VALUES:
        raise _too_many_values()
    try:
        return Body(raw, _decode(raw))
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise unreadable(_reason(error)) from None


def read_plain(raw: bytes) -> Any:
    """What a body says; raises a Refusal (400, 422) when it is no JSON or could be read in two ways."""
    body = read_body(raw)
    if faults := body.faults():
        raise misread(faults)
    return body.plain


def unreadable(reason: str) -> Refusal:
    """A body that is not JSON, or not of the kind wanted."""
    return Refusal(
        "E-FMT-SCHEMA",
        f"the body cannot be read as JSON: {reason}",
        status=400,
        rule="read_body",
        fix="send JSON in UTF-8, as /docs shows",
        source=_SOURCE,
    )


def _too_many_values() -> Refusal:
    detail = f"the body holds more than {MOST_VALUES:,} values"
    fix = "send less at once: a declaration has at most 99 lines, a report 1,000 items"
    return Refusal("E-TOO-LARGE", detail, status=413, rule="read_body", fix=fix)


def misread(faults: Sequence[Fault]) -> Refusal:
    """A request with faults of shape."""
    return Refusal(
        "E-FMT-SCHEMA",
        f"the request has {count_of(faults)}",
        status=422,
        rule="read_body",
        fix="correct every fault listed in errors and send it again",
        faults=faults,
    )


def count_of(faults: Sequence[Fault]) -> str:
    """The number of faults, in words."""
    return f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)[:200]


def _number(text: str) -> Decimal:
    """A number as it is written; refuses one whose exponent alone could exhaust the memory."""
    number = Decimal(text)
    if not -DIGITS < number.adjusted() < DIGITS:
        raise unreadable("it holds a number that is far too large or too small")
    return number


_decode = msgspec.json.Decoder(float_hook=_number).decode
_encode = msgspec.json.Encoder().encode


def _repeated_keys(raw: bytes, plain: Any, known: int) -> list[Fault]:
    """A key that occurs twice in an object: readers differ on which one counts.

    With no escape and no space before a colon, `":` stands for exactly one key, in what was sent and in what was read
    of it: their numbers are compared.
    """
    if b"\\" in raw or _has_spaced_colon(raw):
        return _find_repeated_keys(raw)
    sent = raw.count(b'":')
    return [] if sent == known or sent == _encode(plain).count(b'":') else _find_repeated_keys(raw)


def _within(at: str, faults: Sequence[Fault]) -> list[Fault]:
    inside = (fault for fault in faults if fault.pointer.startswith(f"{at}/"))
    return [replace(fault, pointer=fault.pointer.removeprefix(at)) for fault in inside] if at else [*faults]


def _has_spaced_colon(raw: bytes) -> bool:
    """Whether a space stands before a colon; the search for one byte costs a tenth of that for two."""
    return b" :" in raw or any(space in raw and space + b":" in raw for space in _SPACES)


class _Doubled(dict[str, Any]):
    """An object some of whose keys occur twice."""

    names: Sequence[str] = ()


def _noting_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    kept = dict(pairs)
    if len(kept) == len(pairs):
        return kept
    doubled = _Doubled(kept)
    doubled.names = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    return doubled


def _find_repeated_keys(raw: bytes) -> list[Fault]:
    return [
        _fault(
            pointer, "keys_are_unique", f"the key {name[:60]!r} occurs twice in one object", "send it once"
        )
        for pointer, name in islice(
            _repeated_in(json.loads(raw, object_pairs_hook=_noting_repeated), ""), MOST
        )
    ]


def _repeated_in(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, _Doubled):
        yield from ((f"{pointer}/{escaped(name[:60])}", name) for name in value.names)
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from _repeated_in(each, f"{pointer}/{escaped(str(name)[:60])}")


def _unseen_characters(raw: bytes, plain: Any) -> list[Fault]:
    """Characters that no table or XML document can hold, or that make a text look like another."""
    if not _may_hold_unseen(raw):
        return []
    detail = "it holds a control character, or a mark that turns the direction of text"
    found = (pointer for pointer, text in _texts(plain, "") if find_unseen(text))
    return [_fault(pointer, "text_is_printable", detail, HOW_TEXT) for pointer in islice(found, MOST)]


def _may_hold_unseen(raw: bytes) -> bool:
    """Whether such a character may be there: escaped, or one of those that a few bytes begin.

    A search for one byte is next to nothing, and they are rare; only after one of them the rest is looked at.
    """
    return (
        b"\\" in raw
        or b"\x7f" in raw
        or (b"\xc2" in raw and _after_c2(raw) is not None)
        or (b"\xd8" in raw and b"\xd8\x9c" in raw)
        or (b"\xe2" in raw and _after_e2(raw) is not None)
        or (b"\xef" in raw and _after_ef(raw) is not None)
    )


def _texts(value: Any, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(pointer, value)]
    if isinstance(value, dict):
        named = [(pointer, key) for key in value]
        return named + [
            found for key, each in value.items() for found in _texts(each, f"{pointer}/{escaped(key[:60])}")
        ]
    if isinstance(value, list):
        return [found for index, each in enumerate(value) for found in _texts(each, f"{pointer}/{index}")]
    return []


def _fault(pointer: str, rule: str, detail: str, fix: str) -> Fault:
    return Fault(pointer=pointer, code="E-FMT-SCHEMA", rule=rule, detail=detail, fix=fix, source=_SOURCE)
