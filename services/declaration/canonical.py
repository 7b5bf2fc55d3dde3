"""Canonical form: one text for one content.

1.0 is 1.00, moments are UTC, text is NFC, fields stand in the order of their sorted paths, and identity numbers
are keyed tokens. Two submissions are the same content if the hashes of their canonical forms are equal.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from services.declaration.submission import OrderLine, Person, Submission
from shared.kernel.goods import GoodsLine
from shared.kernel.ids import BuyerToken

_encode = msgspec.json.Encoder().encode
_normal = Decimal.normalize
_ASIDE = ("order.lines", "list.lines", "list.bonded", "list.certificates")
"""What occurs any number of times, or perhaps not at all: it follows after the leaves."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """How the leaves of a class are read: numbers, moments, and all the rest, each by sorted path."""

    numbers: Callable[[Any], tuple[Decimal, ...]]
    moments: Callable[[Any], tuple[datetime, ...]]
    rest: Callable[[Any], tuple[Any, ...]]


def buyer_token(key: bytes, person: Person) -> BuyerToken:
    """The keyed token of a person: HMAC-SHA256 of id type and number. The number itself goes nowhere."""
    return BuyerToken(hmac.digest(key, f"{person.id_type}|{person.id_number}".encode(), "sha256").hex())


def content_hash(
    submission: Submission, token: BuyerToken, normal: Callable[[Decimal], Decimal] = _normal
) -> str:
    """SHA-256 (hex) of the canonical form, in which `token` stands for the number of buyer and payer."""
    head, ordered, listed = _leaves_of_submission(), _leaves_of_ordered(), _leaves_of_listed()
    papers = submission.list
    form = (
        token,
        head.rest(submission),
        [*map(normal, head.numbers(submission))],
        [moment.astimezone(UTC) for moment in head.moments(submission)],
        [(ordered.rest(line), *map(normal, ordered.numbers(line))) for line in submission.order.lines],
        [(listed.rest(line), *map(normal, listed.numbers(line))) for line in papers.lines],
        [normal(line.second_quantity) for line in papers.lines if line.second_quantity is not None],
        papers.bonded,
        papers.certificates,
    )
    text: bytes = _encode(form)
    if b'"-0"' in text and normal is _normal:
        return content_hash(submission, token, _signless)
    return hashlib.sha256(text if text.isascii() else _composed(text)).hexdigest()


def _signless(number: Decimal) -> Decimal:
    """The same without the sign of a nought: -0.0 is 0. Few write it, so it costs the others nothing."""
    return _normal(number) or Decimal(0)


def _composed(text: bytes) -> bytes:
    words = text.decode()
    return text if unicodedata.is_normalized("NFC", words) else unicodedata.normalize("NFC", words).encode()


def filed_document(submission: Submission, token: BuyerToken) -> bytes:
    """The submission as JSON to be kept: wherever the buyer's number stood, its token stands."""
    text: bytes = _encode(submission)
    return text.replace(submission.order.buyer.id_number.encode(), token.encode())


@cache
def _leaves_of_submission() -> Leaves:
    return _leaves(Submission)


@cache
def _leaves_of_ordered() -> Leaves:
    return _leaves(OrderLine)


@cache
def _leaves_of_listed() -> Leaves:
    return _leaves(GoodsLine)


def _leaves(kind: type[Any]) -> Leaves:
    paths = sorted(_paths(kind, ""))
    rest = [path for path, hint in paths if hint not in (Decimal, datetime, Decimal | None)]
    numbers = [path for path, hint in paths if hint is Decimal]
    moments = [path for path, hint in paths if hint is datetime]
    return Leaves(_getter(numbers), _getter(moments), _getter(rest))


def _getter(paths: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*paths) if len(paths) > 1 else lambda _: ()


def _paths(kind: type[Any], prefix: str) -> list[tuple[str, Any]]:
    """Every leaf with its type; identity numbers are left out, since their token stands first."""
    found: list[tuple[str, Any]] = []
    hints = get_type_hints(kind)
    for each in fields(kind):
        path, hint = f"{prefix}{each.name}", hints[each.name]
        if is_dataclass(hint) and isinstance(hint, type):
            found += _paths(hint, f"{path}.")
        elif path not in _ASIDE and each.name != "id_number":
            found.append((path, hint))
    return found
