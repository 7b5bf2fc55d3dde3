"""Quick: a submission of good shape, made at once.

The validator tells every fault with its place, and takes four times as long as msgspec to find that there is none. So
a body is first given to a mirror of the same classes, which is made of their own hints and metadata; what the mirror
does not take, for whatever reason, goes to the validator, which has the last word. What it takes the validator takes
too, and to the same values (`tests/services/declaration/test_quick.py`), once the writing of its values is checked:
amounts are not negative and fit, moments have an offset, days are days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from services.declaration.submission import Submission

BOUNDS = ("min_length", "max_length", "pattern", "ge", "le")
"""Of the metadata, what msgspec bounds by itself, amounts aside."""
ABOVE_0 = (
    "OrderLine.quantity",
    "Waybill.gross_weight",
    "DeclarationList.gross_weight",
    "DeclarationList.net_weight",
)
"""What it does not: amounts that the metadata has above 0; at least 0 all are as they are written."""
_is_finer = re.compile(r"\.[0-9]{7}").search
"""A moment finer than a microsecond, which one of the two rounds and the other cuts."""


def quick(plain: dict[str, Any]) -> Submission | None:
    """The submission that plain values say; nothing where the validator is to look closer."""
    try:
        made = cast(Submission, msgspec.convert(plain, mirror(Submission)))
        weights = (made.waybill.gross_weight, made.list.gross_weight, made.list.net_weight)
        is_above_0 = min(*weights, *[line.quantity for line in made.order.lines]) > 0
        is_finer = _is_finer(plain["order"]["placed_at"]) or _is_finer(plain["payment"]["paid_at"])
    except (msgspec.MsgspecError, ValueError, TypeError, ArithmeticError, RecursionError):
        return None
    return made if is_above_0 and not is_finer else None


@cache
def mirror(kind: type[Any]) -> type[Any]:
    """A class of msgspec's with the fields, defaults and bounds of a dataclass; it takes no other field."""
    hints = get_type_hints(kind)
    made: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for each in fields(kind):
        hint = _bounded(_mirrored(hints[each.name]), each.metadata)
        made.append((each.name, hint) if each.default is MISSING else (each.name, hint, each.default))
    return msgspec.defstruct(kind.__name__, made, kw_only=True, frozen=True, forbid_unknown_fields=True)


def _mirrored(hint: Any) -> Any:
    if isinstance(hint, type) and is_dataclass(hint):
        return mirror(hint)
    inside = tuple(map(_mirrored, get_args(hint)))
    if inside == get_args(hint):
        return hint
    return GenericAlias(tuple, inside) if get_origin(hint) is tuple else Union[inside]  # noqa: UP007 (of any number)


def _bounded(hint: Any, metadata: Mapping[str, Any]) -> Any:
    bounds = {name: metadata[name] for name in BOUNDS if name in metadata}
    return Annotated[hint, msgspec.Meta(**bounds)] if bounds and hint is not Decimal else hint
