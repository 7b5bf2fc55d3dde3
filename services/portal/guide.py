"""The guide: the reference as people read it.

Pure: each operation with its scope, its parameters, an example that works when pasted, and its answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.portal.reference import METHODS, REF

Schema = Mapping[str, Any]
DEEPEST = 8
_SHOWN = ("application/json", "application/x-ndjson")
"""Answers of these kinds are shown by an example."""
_TWINS = re.compile(r"^/v1/(operations|reviews)/[a-z]+")
"""Paths that every service, or every agency, has alike."""
_CLIENTS = {
    "declarations:read": "platform01",
    "declarations:write": "platform01",
    "arrivals:write": "carrier001",
}
ORDER = ("tokens", "declarations", "clearance", "reviews", "tax", "logistics", "parties", "clients")
"""Tags in the order a newcomer needs them; others follow by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter."""

    name: str
    place: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation, ready to be shown."""

    anchor: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    client: str
    """A client of the sandbox that may call it; empty when nobody needs to be one."""
    parameters: tuple[Parameter, ...]
    curl: str
    answers: tuple[tuple[str, str, str], ...]
    """Status, description, example."""


def operations_of(reference: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """The operations by tag; what every service has alike is shown once."""
    found: dict[str, list[Operation]] = {}
    shown = set()
    for operation in sorted(_all(reference), key=lambda operation: operation.path.startswith("/.")):
        alike = (operation.method, _TWINS.sub(r"/v1/\1/*", operation.path))
        if alike not in shown:
            shown.add(alike)
            found.setdefault(operation.tag, []).append(operation)
    ranks = {tag: rank for rank, tag in enumerate(ORDER)}
    return dict(sorted(found.items(), key=lambda pair: (ranks.get(pair[0], len(ORDER)), pair[0])))


def _all(reference: Mapping[str, Any]) -> Iterator[Operation]:
    schemas = reference["components"]["schemas"]
    server = reference["servers"][0]["url"]
    for path, item in reference["paths"].items():
        for method in METHODS:
            if method in item:
                yield _operation(method, path, item[method], schemas, server)


def _operation(method: str, path: str, told: Mapping[str, Any], schemas: Schema, server: str) -> Operation:
    scopes = tuple(scope for need in told.get("security", []) for scope in need.get("oauth2", []))
    return Operation(
        anchor=re.sub(r"[^a-z0-9]+", "-", f"{method}{path}".lower()).strip("-"),
        tag=told["tags"][0],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        description=told.get("description", ""),
        scopes=scopes,
        client=client_for(scopes),
        parameters=tuple(_parameter(parameter, schemas) for parameter in told.get("parameters", [])),
        curl=curl(method, server + _filled(path, told, schemas), told, schemas),
        answers=tuple(_answers(told.get("responses", {}), schemas)),
    )


def client_for(scopes: Sequence[str]) -> str:
    """Who in the sandbox has these scopes."""
    for scope in scopes[:1]:
        kind, _, agency = scope.partition(":")
        return f"officer-{agency}" if kind == "reviews" else _CLIENTS.get(scope, "operator")
    return ""


def _parameter(told: Mapping[str, Any], schemas: Schema) -> Parameter:
    schema = told.get("schema", {})
    return Parameter(
        name=told["name"],
        place=told["in"],
        kind=kind_of(schema, schemas),
        is_required=bool(told.get("required")),
        description=told.get("description", schema.get("description", "")),
    )


def kind_of(schema: Schema, schemas: Schema) -> str:
    """A schema in a word or a few."""
    schema = _resolved(schema, schemas)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    choices = [kind_of(choice, schemas) for choice in schema.get("anyOf", [])]
    if choices:
        return " or ".join(choice for choice in choices if choice != "null")
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _filled(path: str, told: Mapping[str, Any], schemas: Schema) -> str:
    """The path with example values, and the query parameters that must be there."""
    query = []
    for parameter in told.get("parameters", []):
        given = example_of({**parameter.get("schema", {}), **_examples(parameter)}, schemas)
        path = path.replace(f"{{{parameter['name']}}}", str(given))
        if parameter["in"] == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={given}")
    return path + ("?" + "&".join(query) if query else "")


def _examples(told: Mapping[str, Any]) -> dict[str, Any]:
    if "example" in told:
        return {"example": told["example"]}
    named = told.get("examples")
    if isinstance(named, Mapping) and named:
        return {"example": next(iter(named.values())).get("value")}
    return {}


def curl(method: str, url: str, told: Mapping[str, Any], schemas: Schema) -> str:
    """The operation as a command; the token is in $TOKEN."""
    parts = ["curl -s" + ("" if method == "get" else f" -X {method.upper()}") + f" '{url}'"]
    if any(need.get("oauth2") for need in told.get("security", [])):
        parts.append('-H "Authorization: Bearer $TOKEN"')
    for media_type, content in list(told.get("requestBody", {}).get("content", {}).items())[:1]:
        example = example_of({**content.get("schema", {}), **_examples(content)}, schemas)
        parts += _body(media_type, example)
    return " \\\n  ".join(parts)


def _body(media_type: str, example: Any) -> list[str]:
    if media_type == "application/x-www-form-urlencoded" and isinstance(example, Mapping):
        return [f"-d {name}={value}" for name, value in example.items()]
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
    quoted = text.replace("'", "'\\''")
    return [f"-H 'Content-Type: {media_type}'", f"--data-binary '{quoted}'"]


def _answers(responses: Mapping[str, Any], schemas: Schema) -> Iterator[tuple[str, str, str]]:
    for status, response in responses.items():
        example = ""
        for media_type, content in response.get("content", {}).items():
            if media_type in _SHOWN and status != "default":
                given = example_of({**content.get("schema", {}), **_examples(content)}, schemas)
                example = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, indent=2)
        yield ("errors" if status == "default" else status), response.get("description", ""), example


def example_of(schema: Schema, schemas: Schema, depth: int = 0) -> Any:
    """A value of a schema: its own example if it has one, else made up member by member."""
    schema = _resolved(schema, schemas)
    own = _own_example(schema)
    if own is not None or depth > DEEPEST:
        return own
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        return example_of(choice, schemas, depth + 1)
    if schema.get("type") == "object":
        return {
            name: example_of(member, schemas, depth + 1)
            for name, member in schema.get("properties", {}).items()
        }
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas, depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True, "string": _text(schema)}.get(schema.get("type", ""))


def _own_example(schema: Schema) -> Any:
    listed: Sequence[Any] = schema.get("examples") or schema.get("enum") or ()
    for name in ("example", "const", "default"):
        if schema.get(name) is not None:
            return schema[name]
    return listed[0] if listed else None


def _text(schema: Schema) -> str:
    samples = {
        "date-time": "2026-03-01T12:00:00Z",
        "date": "2026-03-01",
        "uuid": "01957f3e-2f00-7000-8000-000000000000",
    }
    return samples.get(schema.get("format", ""), "text")


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    """The schema that a reference means, with what is said beside the reference."""
    for _ in range(DEEPEST):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**schemas.get(reference.removeprefix(REF), {}), **beside}
    return schema
