"""Event to bytes and back, by type name; an unknown name is an error, never a guess.

msgspec writes Decimals as text and moments as RFC 3339, and reads them back exactly.
Readers accept unknown fields, so that a contract may grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec

from shared.contracts.envelope import AnyEvent
from shared.contracts.topics import TYPES

_encoder = msgspec.json.Encoder()


class Unreadable(ValueError):
    """The body is not what its type promises."""


class UnknownType(Unreadable):
    """No contract of this name: a newer speaker, or no speaker of ours."""


Reads = Mapping[type[AnyEvent], type[AnyEvent]]
"""What a reader reads an event as: some of its fields, under their names. The rest is passed over, not made."""


@cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def encode(event: AnyEvent) -> bytes:
    """The event as JSON."""
    return _encoder.encode(event)


def decode(name: str, body: bytes, reads: Reads = MappingProxyType({})) -> AnyEvent:
    """The event of a type name and its JSON, or what is read of it; raises `UnknownType` or `Unreadable`."""
    kind = TYPES.get(name)
    if kind is None:
        raise UnknownType(f"no contract is called {name!r}")
    read: Any = reads.get(kind, kind)
    try:
        event: AnyEvent = _decoder(read).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError, ArithmeticError) as error:
        raise Unreadable(f"{name}: {error}") from error
    return event
