"""Callbacks: whether a payment provider really said it, and just now.

A provider signs the moment and the raw body with a secret that only it and this office know:
hex(HMAC-SHA256(secret, timestamp + "." + body)). The moment bounds how long a copy of the message is good for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.kernel.refusal import Refusal

TOLERANCE = timedelta(minutes=5)
"""How far a callback's moment may lie from ours, before or after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A callback as it came."""

    timestamp: str
    """Unix seconds, as the header says."""
    signature: str
    """64 hexadecimal digits."""
    body: bytes


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body at a moment."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def must_be_signed(given: Signed, secrets: Iterable[bytes]) -> None:
    """One of the provider's secrets must have made the signature; they are compared in constant time."""
    found = given.signature.strip().lower().encode("utf-8", "replace")
    moment = given.timestamp if given.timestamp.isascii() else ""
    matches = [hmac.compare_digest(sign(secret, moment, given.body).encode(), found) for secret in secrets]
    if not any(matches):
        raise Refusal(
            "E-PAY-SIGNATURE",
            "the signature is not that of this body and timestamp under the provider's secret",
            status=401,
            rule="must_be_signed",
            fix='send Callback-Signature: hex(HMAC-SHA256(secret, Callback-Timestamp + "." + body as it is sent))',
        )


def must_be_fresh(given: Signed, now: datetime) -> None:
    """A callback is of now, give or take five minutes: an old copy of one is worth nothing."""
    said = given.timestamp
    if not (said.isascii() and said.isdigit() and len(said) <= 12) or (
        abs(now.timestamp() - int(said)) > TOLERANCE.total_seconds()
    ):
        raise Refusal(
            "E-PAY-STALE",
            f"the timestamp {said[:20]!r} is more than five minutes from {now.isoformat()}",
            status=401,
            rule="must_be_fresh",
            fix="sign again with the seconds since 1970 of now",
        )
