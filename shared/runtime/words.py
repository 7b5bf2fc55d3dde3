"""Words: what the validator found, in ours; the same at every door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.kernel.refusal import Fault, escaped
from shared.runtime.body import MOST
from shared.runtime.patterns import how_of

SOURCE = "the window's own format: /openapi.json"
GATHERED = ("List", "Tuple", "Set", "Dictionary")
"""What has members; of all else the validator counts the characters."""
_SAME = {
    "missing_keyword_only_argument": "missing",
    "missing_argument": "missing",
    "unexpected_keyword_argument": "no_unknown_field",
    "extra_forbidden": "no_unknown_field",
    "model_type": "dataclass_type",
    "model_attributes_type": "dataclass_type",
    "dict_type": "dataclass_type",
    "tuple_type": "list_type",
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "bool_parsing": "bool_type",
    "decimal_parsing": "decimal_type",
}
_WORDS = {
    "missing": ("it is missing", "add the field"),
    "no_unknown_field": ("there is no such field", "leave it out; /docs names the fields there are"),
    "dataclass_type": ("it is no JSON object", "send a JSON object"),
    "list_type": ("it is no JSON array", "send a JSON array"),
    "string_type": ("it is no text", "send a JSON string"),
    "int_type": ("it is no whole number", "send a JSON integer"),
    "bool_type": ("it is neither true nor false", "send true or false"),
    "decimal_type": ("it is no number", "send a number, or a number as text"),
    "finite_number": ("it is no finite number", "send a finite number"),
    "literal_error": ("it is none of {expected}", "send one of {expected}"),
    "greater_than": ("it is not above {gt}", "send more than {gt}"),
    "greater_than_equal": ("it is below {ge}", "send {ge} or more"),
    "less_than": ("it is not below {lt}", "send less than {lt}"),
    "less_than_equal": ("it is above {le}", "send {le} or less"),
    "string_too_short": (
        "it has fewer characters than {min_length}",
        "write at least {min_length} characters",
    ),
    "string_too_long": ("it has more characters than {max_length}", "shorten it to {max_length} characters"),
    "too_short": ("it has {actual_length} members, fewer than {min_length}", "send at least {min_length}"),
    "too_long": ("it has more members than {max_length}", "send at most {max_length}"),
    "decimal_max_digits": ("it has more than {max_digits} digits", "round it to {max_digits} digits"),
    "decimal_max_places": (
        "it has more than {decimal_places} decimals",
        "round it to {decimal_places} decimals",
    ),
}


class Found(NamedTuple):
    """A fault of shape, without its place."""

    rule: str
    detail: str
    fix: str


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """The faults of pydantic's errors, `MOST` of them; one that two parts of a route find is told once."""
    faults = [
        Fault(pointer=pointer_of(each["loc"]), code="E-FMT-SCHEMA", source=SOURCE, **found(each)._asdict())
        for each in errors[:MOST]
    ]
    return list(dict.fromkeys(faults))


def pointer_of(place: Sequence[str | int]) -> str:
    """A place as JSON Pointer: within the body where it lies there, else with its part of the request first."""
    inside = place[1:] if place[:1] == ("body",) else place
    return "".join(f"/{escaped(str(part)[:60])}" for part in inside)


def found(error: Mapping[str, Any]) -> Found:
    """What one of pydantic's errors says, and what to do about it."""
    context = error.get("ctx") or {}
    rule = _rule_of(str(error["type"]), context)
    if rule == "string_pattern_mismatch":
        return Found(rule, "it is not written as it has to be", how_of(context["pattern"]))
    if "fix" in context:  # one of ours: shared/runtime/fields.py
        return Found(rule, context["detail"], context["fix"])
    said = str(error["msg"]).removeprefix("Value error, ")
    detail, fix = _WORDS.get(rule, (said.replace("{", "{{").replace("}", "}}"), "correct the value"))
    return Found(rule, detail.format_map(context), fix.format_map(context))


def _rule_of(kind: str, context: Mapping[str, Any]) -> str:
    if kind in ("too_short", "too_long") and context.get("field_type") not in GATHERED:
        return f"string_{kind}"
    return _SAME.get(kind, kind)
