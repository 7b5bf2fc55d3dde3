"""The reference: one OpenAPI document of all services.

Pure. Every service describes its own part; here the parts become one: paths side by side, one OAuth 2 scheme with
every scope, schemas of the same name and another shape under the name of their service, problem documents for errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.runtime.problems import SCHEMA

INTERNAL = ("/internal", "/healthz", "/readyz", "/metrics", "/openapi.json")
METHODS = ("get", "post", "put", "patch", "delete")
REF = "#/components/schemas/"
Document = dict[str, Any]
_DESCRIPTION = """\
One address for all that crosses the border: file a declaration once, follow it through customs, tax, quarantine and
logistics, fetch its permit.

Get a token first (`POST /oauth/token`), then send it as `Authorization: Bearer <token>`. Every error is a problem
document (RFC 9457) with a stable `code` and a `fix`. A token that reviews (`reviews:...`) also reads.
"""


def merge(documents: Mapping[str, Document], gateway_url: str) -> Document:
    """One document of the documents of services."""
    paths: Document = {}
    schemas: Document = {"Problem": SCHEMA}
    scopes: dict[str, str] = {}
    for service, document in documents.items():
        part = _renamed(service, document, schemas)
        schemas |= {name: schema for name, schema in _schemas(part).items() if "ValidationError" not in name}
        for path, item in part.get("paths", {}).items():
            if not path.startswith(INTERNAL):
                paths.setdefault(path, {}).update(_operations(service, item, part, scopes))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Single window", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": gateway_url}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _schemes(scopes)},
    }


def _schemas(document: Document) -> Document:
    schemas: Document = document.get("components", {}).get("schemas", {})
    return schemas


def _renamed(service: str, document: Document, taken: Document) -> Document:
    """The document with those schemas renamed whose names another service uses for another shape."""
    own = _schemas(document)
    clashes = {name for name, schema in own.items() if name in taken and taken[name] != schema}
    if not clashes:
        return document
    text = json.dumps(document)
    for name in clashes:
        text = text.replace(f'"{REF}{name}"', f'"{REF}{service.capitalize()}{name}"')
    renamed: Document = json.loads(text)
    renamed["components"]["schemas"] = {
        f"{service.capitalize()}{name}" if name in clashes else name: schema
        for name, schema in _schemas(renamed).items()
    }
    return renamed


def _operations(service: str, item: Document, part: Document, scopes: dict[str, str]) -> Document:
    """The operations of a path: ids unique over all services, one security scheme, problems for errors."""
    made: Document = {}
    for method, operation in item.items():
        if method not in METHODS:
            made[method] = operation
            continue
        told = dict(_scopes_of(operation, part))
        scopes.update(told)
        needed = sorted(told)
        made[method] = {
            **operation,
            "operationId": f"{service}_{operation.get('operationId', method)}",
            "tags": operation.get("tags") or [service],
            "security": [{"oauth2": needed}] if needed else [],
            "responses": _responses(operation.get("responses", {})),
        }
    return made


def _scopes_of(operation: Document, part: Document) -> Iterator[tuple[str, str]]:
    """The scopes that an operation needs and what each is for, by the schemes it names."""
    schemes = part.get("components", {}).get("securitySchemes", {})
    for requirement in operation.get("security", []):
        for name, asked in requirement.items():
            flows = schemes.get(name, {}).get("flows", {})
            known = flows.get("clientCredentials", {}).get("scopes", {})
            yield from ((scope, known.get(scope, "")) for scope in asked or known)


def _responses(responses: Document) -> Document:
    """What it answers; the framework's own shape of 422 gives way to the problem document."""
    kept = {}
    for status, response in responses.items():
        contents = response.get("content", {})
        ours = {
            kind: told for kind, told in contents.items() if "HTTPValidationError" not in json.dumps(told)
        }
        if ours or not contents:
            kept[status] = {**response, "content": ours} if ours else response
    problem = {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}}
    kept.setdefault("default", {"description": "A problem document.", "content": problem})
    return kept


def _schemes(scopes: Mapping[str, str]) -> Document:
    flow = {"tokenUrl": "/oauth/token", "scopes": dict(sorted(scopes.items()))}
    return {"oauth2": {"type": "oauth2", "flows": {"clientCredentials": flow}}}


def enliven(reference: Document, released: Mapping[str, Any], running: Mapping[str, Any]) -> Document:
    """The reference with parameters that name something there is: examples that work when pasted.

    What reads or returns takes a declaration that has its permit, what asks for a change one that is still running.
    """
    paths = {
        path: {
            method: _enlivened(operation, running if running and _changes(method, path) else released)
            for method, operation in item.items()
        }
        for path, item in reference["paths"].items()
    }
    return {**reference, "paths": paths}


def _changes(method: str, path: str) -> bool:
    """Whether it asks for a change of what is not released yet."""
    return method != "get" and not path.endswith("/returns")


def _enlivened(operation: Document, living: Mapping[str, Any]) -> Document:
    if "parameters" not in operation:
        return operation
    parameters = [
        {**parameter, "example": living[parameter["name"]]} if _is_living(parameter, living) else parameter
        for parameter in operation["parameters"]
    ]
    return {**operation, "parameters": parameters}


def _is_living(parameter: Document, living: Mapping[str, Any]) -> bool:
    name = parameter["name"]
    return name in ("declaration_id", "permit_no", "carrier", "waybill_no") and bool(living.get(name))
