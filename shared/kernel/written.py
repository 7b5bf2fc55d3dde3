"""Written: amounts, moments, names and codes as callers write them.

One reading for every door, in ASCII digits and exact. What a language's own parser takes besides ("1_000", " 5",
"1e2", digits of other scripts, seconds since 1970) is told, never guessed at: another reader would take it otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

AMOUNT = r"-?[0-9]{1,20}(?:\.[0-9]{1,10})?"
MOMENT = (
    r"(?:19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
"""RFC 3339 with its offset, of the years 1970 to 2999: any of them may be moved to UTC and kept."""
DAY = r"(?:19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}"
COUNT = r"[0-9]{1,10}"
CODE = r"[A-Za-z0-9][A-Za-z0-9._/-]*"
"""What numbers of orders, payments and waybills are made of: they are looked up, printed and put into addresses."""
UNSEEN = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
"""Control characters, line separators, marks that turn the direction of text, and what is no character at all."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their class that show nothing: fillers, and the empty Braille pattern."""

is_amount = re.compile(AMOUNT).fullmatch
is_moment = re.compile(MOMENT).fullmatch
is_day = re.compile(DAY).fullmatch
is_count = re.compile(COUNT).fullmatch
is_code = re.compile(CODE).fullmatch
find_unseen = re.compile(UNSEEN).search

HOW_AMOUNT = "write a plain decimal such as 1234.50: ASCII digits, a point, no exponent, space or separator"
HOW_MOMENT = "write it as 2025-01-31T08:00:00+08:00 (RFC 3339 with its offset)"
HOW_CODE = "use letters A-Z and a-z, digits, and . _ / -, beginning with a letter or digit"
HOW_NAME = "fill it in with text that can be seen"
HOW_TEXT = "send text without control characters and without marks that turn its direction"


def is_visible(text: str) -> bool:
    """Whether anything of a text shows: a letter, digit, sign or punctuation mark."""
    return any(unicodedata.category(each)[0] in "LNPS" and each not in _BLANK for each in text)


def amount_of(text: str) -> Decimal:
    """The amount of a plain decimal; ValueError, and how to write it, when it is none."""
    if not is_amount(text):
        raise ValueError(f"{text!r} is no number: {HOW_AMOUNT}")
    return Decimal(text)


def day_of(text: str) -> date:
    """A day written as 2025-01-31; ValueError when it is none or the calendar has no such day."""
    if not is_day(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def moment_of(text: str) -> datetime:
    """The moment of an RFC 3339 text; ValueError when it is none or the calendar has no such day."""
    if not is_moment(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def start_of(text: str) -> datetime:
    """The moment of an RFC 3339 text, or the start in UTC of a day written as 2025-01-31."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if is_day(text) else moment_of(text)
