"""The reference leaves nothing open: whoever generates a client from it knows the shape of every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from shared.runtime.settings import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_has_a_shape(service: str) -> None:
    described = import_module(f"services.{service}.main").build().openapi()
    shapeless = [
        f"{method} {path} {status} {media_type}"
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        for media_type, content in answer.get("content", {}).items()
        if not content.get("schema")
    ]

    assert shapeless == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_bound_is_told_in_json_schemas_words_and_no_default_breaks_it(service: str) -> None:
    described = import_module(f"services.{service}.main").build().openapi()

    assert [schema for schema in _schemas(described) if _is_odd(schema)] == []


def _schemas(told: Any) -> Iterator[dict[str, Any]]:
    for value in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _schemas(value)
    if isinstance(told, dict):
        yield told


def _is_odd(schema: dict[str, Any]) -> bool:
    pattern, default = schema.get("pattern"), schema.get("default")
    breaks = isinstance(pattern, str) and isinstance(default, str) and not re.search(pattern, default)
    return breaks or not {"ge", "le", "gt", "lt"}.isdisjoint(schema)
