"""Shape: what the validator found, in our words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from services.declaration.submission import Submission
from shared.kernel.refusal import Fault, escaped
from shared.runtime.body import MOST
from shared.runtime.problems import SHOWN
from shared.runtime.words import found

SOURCE = "docs/fields.md; CEB message specification 2022-05"


def schema_fault(pointer: str, rule: str, detail: str, fix: str, code: str = "E-FMT-SCHEMA") -> Fault:
    """A fault of shape."""
    return Fault(pointer=pointer, code=code, rule=rule, detail=detail, fix=fix, source=SOURCE)


def faults_of(errors: Sequence[Mapping[str, Any]], kind: type[Any] = Submission) -> list[Fault]:
    """The faults of pydantic's errors in a kind of document, `MOST` of them.

    That a list of bad items is short is no fault of its own.
    """
    looked_at = errors[:MOST]
    parents = {tuple(error["loc"])[:depth] for error in looked_at for depth in range(1, len(error["loc"]))}
    return [
        fault_of(error, kind if place < SHOWN else None)
        for place, error in enumerate(looked_at)
        if error["type"] != "too_short" or tuple(error["loc"]) not in parents
    ]


def fault_of(error: Mapping[str, Any], kind: type[Any] | None) -> Fault:
    """The fault of one pydantic error: its place as JSON pointer, and what to do.

    The nearest name takes longer than all the rest: without a kind of document it is not looked for.
    """
    place, said = tuple(error["loc"]), found(error)
    is_near = kind is not None and said.rule == "no_unknown_field"
    fix = _nearest(kind, place) if is_near else said.fix
    return schema_fault(pointer_of(place), said.rule, said.detail, fix)


def pointer_of(place: Sequence[str | int]) -> str:
    """A place as JSON Pointer (RFC 6901)."""
    return "".join(f"/{escaped(str(part)[:60])}" for part in place)


def _nearest(kind: Any, place: Sequence[str | int]) -> str:
    for part in place[:-1]:
        kind = _inside(kind) if isinstance(part, int) else _of_field(kind, part)
    names = (
        [each.name for each in fields(kind)] if is_dataclass(kind) else [*getattr(kind, "model_fields", ())]
    )
    near = difflib.get_close_matches(str(place[-1])[:60], names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"leave it out; there are: {', '.join(names)}"


def _of_field(kind: Any, name: str) -> Any:
    wanted = _hints(kind).get(name) if isinstance(kind, type) and is_dataclass(kind) else None
    return (
        next((each for each in get_args(wanted) if is_dataclass(each)), wanted) if name != "lines" else wanted
    )


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _inside(kind: Any) -> Any:
    return next(iter(get_args(kind)), kind)
