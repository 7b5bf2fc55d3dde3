"""The reference leaves nothing open: whoever generates a client from it knows the shape of every answer."""

from __future__ import annotations

from importlib import import_module

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
