"""Documentation: what the OpenAPI says of raw bodies and problems."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.declaration.bulk import NDJSON
from services.declaration.door import adapter
from services.declaration.example import example_submission
from shared.kernel.written import AMOUNT
from shared.runtime.problems import SCHEMA

_MEANINGS = {
    "400": "The body, a parameter or a cursor cannot be read.",
    "401": "No token, or none that is good.",
    "403": "The token may not do this.",
    "404": "It is not there, or not yours to see.",
    "409": "It conflicts with what is there; the answer names it.",
    "413": "Too large.",
    "422": "Every fault, each with its place, rule and fix.",
    "429": "Too much is waiting; see Retry-After.",
    "503": "The store is away; the same again, unchanged, in a few seconds.",
}
_OUTCOMES: tuple[dict[str, Any], ...] = (
    {"line": 1, "status": 202, "declaration_id": "019732f0-2a80-7000-8000-000000000001", "version": 1}
    | {"lane": "green", "received_at": "2026-03-01T12:00:00Z", "replayed": False},
    {"line": 2, "status": 422, "problem": {"status": 422, "code": "E-FMT-SCHEMA", "errors": []}},
)
_READS = ("400", "401", "403", "404", "422", "503")
_WRITES = tuple(_MEANINGS)


def document(router: APIRouter, now: datetime) -> None:
    """Give the routes their request bodies, examples and problems."""
    filing, example = inlined(adapter().json_schema()), example_submission(now)
    amendment = {
        "type": "object",
        "required": ["based_on_version", "submission"],
        "additionalProperties": False,
        "properties": {"based_on_version": {"type": "integer", "minimum": 1}, "submission": filing},
    }
    bodies = {
        "file": _body("application/json", filing, example),
        "file_batch": _body(NDJSON, {"type": "string"}, json.dumps(example) + "\n"),
        "amend": _body("application/json", amendment, {"based_on_version": 1, "submission": example}),
    }
    outcomes = "".join(f"{json.dumps(outcome)}\n" for outcome in _OUTCOMES)
    told = {"file_batch": _told(NDJSON, "An outcome a line, in order: taken in, or the problem.", outcomes)}
    for route in router.routes:
        if isinstance(route, APIRoute):
            codes = _WRITES if "POST" in (route.methods or ()) else _READS
            answers = {**told.get(route.name, {}), **_problems(codes)}
            route.openapi_extra = {**bodies.get(route.name, {}), "responses": answers}


def _told(media_type: str, description: str, example: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string"}, "example": example}}
    return {"200": {"description": description, "content": content}}


def _body(media_type: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": {media_type: {"schema": schema, "example": example}}}
    }


def _problems(codes: tuple[str, ...]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": SCHEMA}}
    return {code: {"description": _MEANINGS[code], "content": content} for code in codes}


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema without `$defs`: a merged document has no place for them. Amounts as text are as written here."""
    named = schema.get("$defs", {})

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            rest = {key: each for key, each in value.items() if key != "$ref"}
            return {**resolve(named[value["$ref"].rpartition("/")[2]]), **rest}
        return {key: resolve(each) for key, each in _with_amounts(value).items() if key != "$defs"}

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def _with_amounts(value: dict[str, Any]) -> dict[str, Any]:
    """A number that may also be sent as text is written plainly there."""
    kinds = value.get("anyOf", ())
    if not any(each.get("type") == "number" for each in kinds):
        return value
    text = {"type": "string", "pattern": f"^{AMOUNT}$"}
    return {**value, "anyOf": [text if each.get("type") == "string" else each for each in kinds]}
