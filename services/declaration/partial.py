"""Partial: what can be judged of a submission that has faults of shape.

What stands at a place with a fault, or is missing, is `UNTOLD`: whatever looks at it raises, and the rule that looked
has nothing to say. All other rules are asked as of any submission, so that a sender hears everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple, NoReturn, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from services.declaration.submission import Submission
from shared.kernel.refusal import Fault, escaped


class Unasked(Exception):
    """A rule has looked at what is not known."""


def _raise(*_: object) -> NoReturn:
    raise Unasked


_LOOKS = (
    *("getattr", "call", "hash", "bool", "str", "format", "len", "iter", "getitem", "contains"),
    *("eq", "ne", "lt", "le", "gt", "ge", "add", "radd", "sub", "rsub", "mul", "rmul", "neg"),
)
_UntoldType = type("Untold", (), {f"__{look}__": _raise for look in _LOOKS} | {"__slots__": ()})
UNTOLD: Any = _UntoldType()


class Faulty(NamedTuple):
    """Where the faults lie."""

    at: frozenset[str]
    above: frozenset[str]
    """The places that they lie in."""


def asked(rule: Callable[..., Sequence[Any]], *about: Any) -> Sequence[Any]:
    """What a rule finds; nothing, where it looks at what is untold (a TypeError: a library did)."""
    try:
        return rule(*about)
    except (Unasked, TypeError):
        return ()


def known_part(plain: Mapping[str, Any], faults: Sequence[Fault]) -> Submission:
    """A submission in which everything is untold that one of these faults lies at."""
    at = frozenset(fault.pointer for fault in faults)
    above = frozenset(place[:end] for place in at for end, each in enumerate(place) if each == "/")
    known: Submission = _known(Submission, plain, "", Faulty(at, above))
    return known


def _known(hint: Any, value: Any, pointer: str, faulty: Faulty) -> Any:
    if pointer in faulty.at:
        return UNTOLD
    inner = next((each for each in get_args(hint) if is_dataclass(each)), None)
    if inner is not None and isinstance(value, list):
        return tuple(_known(inner, each, f"{pointer}/{index}", faulty) for index, each in enumerate(value))
    kind = inner or hint
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        return kind(
            **{name: _member(name, each, value, pointer, faulty) for name, each in _members(kind).items()}
        )
    return UNTOLD if pointer in faulty.above else _leaf(hint, value)


def _member(
    name: str, member: tuple[Any, Any], value: Mapping[str, Any], pointer: str, faulty: Faulty
) -> Any:
    hint, default = member
    if name in value:
        return _known(hint, value[name], f"{pointer}/{escaped(name)}", faulty)
    return UNTOLD if default is MISSING else default


def _leaf(hint: Any, value: Any) -> Any:
    try:
        return _adapter(hint).validate_python(value)
    except ValidationError:
        return UNTOLD


@cache
def _members(kind: type[Any]) -> dict[str, tuple[Any, Any]]:
    """The fields of a class: type and default."""
    hints = get_type_hints(kind)
    return {each.name: (hints[each.name], each.default) for each in fields(kind)}


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)
