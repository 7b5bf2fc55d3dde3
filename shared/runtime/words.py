"""Words: what the validator found, in ours; the same at every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

_FIXES = {
    "missing": "add the field",
    "no_unknown_field": "leave it out; /docs names the fields there are",
    "dataclass_type": "send a JSON object",
    "model_attributes_type": "send a JSON object",
    "dict_type": "send a JSON object",
    "tuple_type": "send a JSON array",
    "list_type": "send a JSON array",
    "string_type": "send a JSON string",
    "int_type": "send a JSON integer",
    "bool_type": "send true or false",
    "literal_error": "send one of the values named",
    "greater_than": "send a larger value",
    "greater_than_equal": "send a value that is not smaller",
    "less_than_equal": "send a value that is not larger",
    "string_too_short": "fill it in",
    "string_too_long": "shorten it",
    "too_short": "send more of them",
    "too_long": "send fewer of them",
    "finite_number": "send a finite number",
    "decimal_type": "send a number, or a number as text",
    "decimal_parsing": "send a number, or a number as text",
}
_RULES = {
    "missing_keyword_only_argument": "missing",
    "unexpected_keyword_argument": "no_unknown_field",
    "extra_forbidden": "no_unknown_field",
}
_DETAILS = {
    "missing": "it is missing",
    "no_unknown_field": "there is no such field",
    "dataclass_type": "it is no JSON object",
    "model_attributes_type": "it is no JSON object",
    "tuple_type": "it is no JSON array",
    "list_type": "it is no JSON array",
    "string_type": "it is no text",
}


class Found(NamedTuple):
    """A fault of shape, without its place."""

    rule: str
    detail: str
    fix: str


def found(error: Mapping[str, Any]) -> Found:
    """What one of pydantic's errors says, and what to do about it."""
    kind = str(error["type"])
    rule = _RULES.get(kind, kind)
    return Found(rule, _DETAILS.get(rule, str(error["msg"])), _FIXES.get(rule, "correct the value"))
