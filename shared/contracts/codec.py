"""Event to bytes and back, by type name; an unknown name is an error, never a guess.

msgspec writes Decimals as text and moments as RFC 3339, and reads them back exactly.
Readers accept unknown fields, so that a contract may grow.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from shared.contracts.envelope import AnyEvent
from shared.contracts.topics import TYPES

_encoder = msgspec.json.Encoder()


class Unreadable(ValueError):
    """The body is not what its type promises."""


class UnknownType(Unreadable):
    """No contract of this name: a newer speaker, or no speaker of ours."""


@cache
def _decoder(name: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(TYPES[name])


def encode(event: AnyEvent) -> bytes:
    """The event as JSON."""
    return _encoder.encode(event)


def decode(name: str, body: bytes) -> AnyEvent:
    """The event of a type name and its JSON; raises `UnknownType` or `Unreadable`."""
    if name not in TYPES:
        raise UnknownType(f"no contract is called {name!r}")
    try:
        event: AnyEvent = _decoder(name).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError, ArithmeticError) as error:
        raise Unreadable(f"{name}: {error}") from error
    return event
