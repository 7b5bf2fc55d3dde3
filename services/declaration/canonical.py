"""Canonical form: one text for one content.

1.0 is 1.00, moments are UTC, text is NFC, keys are sorted, and the buyer's number is replaced by its keyed token,
so that the form can be stored and its hash compared.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Hashable
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, cast

import msgspec

from services.declaration.submission import Person, Submission
from shared.kernel.ids import BuyerToken

_encode = msgspec.json.Encoder().encode


def buyer_token(key: bytes, person: Person) -> BuyerToken:
    """The keyed token of a person: HMAC-SHA256 of id type and number. The number itself goes nowhere."""
    return BuyerToken(hmac.digest(key, f"{person.id_type}|{person.id_number}".encode(), "sha256").hex())


def canonical_form(submission: Submission, key: bytes) -> bytes:
    """The canonical JSON of a submission, with tokens instead of identity numbers."""
    text: bytes = _encode(_plain(submission, key))
    if text.isascii():
        return text
    words = text.decode()
    if unicodedata.is_normalized("NFC", words):
        return text
    return unicodedata.normalize("NFC", words).encode()


def content_hash(canonical: bytes) -> str:
    """SHA-256 of the canonical form, hex."""
    return hashlib.sha256(canonical).hexdigest()


def number(value: Decimal) -> str:
    """A number without trailing zeros, exponent or negative zero."""
    if not value:
        return "0"
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _names(kind: Hashable) -> tuple[tuple[str, ...], Any]:
    names = tuple(sorted(each.name for each in fields(cast(Any, kind))))
    return names, attrgetter(*names)


def _plain(thing: Any, key: bytes) -> dict[str, Any]:
    names, values_of = _names(cast(Hashable, type(thing)))
    plain: dict[str, Any] = {}
    for name, value in zip(names, values_of(thing), strict=True):
        kind = type(value)
        if kind is str:
            plain[name] = value
        elif kind is Decimal:
            plain[name] = number(value)
        else:
            plain[name] = _other(value, key)
    if type(thing) is Person:
        plain["id_number"] = buyer_token(key, thing)
    return plain


def _other(value: Any, key: bytes) -> Any:
    if value is None or type(value) is int:
        return value
    if isinstance(value, tuple):
        return [each if isinstance(each, int) else _plain(each, key) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else _plain(value, key)
