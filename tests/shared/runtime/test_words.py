"""Words: no fault is told in the validator's own language."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from shared.runtime.fields import Reason
from shared.runtime.patterns import how_of
from shared.runtime.settings import SERVICES
from shared.runtime.words import faults_of


class Thing(BaseModel):
    reason: Reason = "because"
    mode: Literal["9610", "1210"] = "9610"
    lines: tuple[int, ...] = Field((1, 2), min_length=2, max_length=3)
    weight: Annotated[Decimal, Field(gt=0, max_digits=5, decimal_places=2)] = Decimal(1)
    size: int = Field(1, ge=1, le=5)


def told(**spoiled: Any) -> tuple[str, str, str]:
    with pytest.raises(ValidationError) as caught:
        Thing.model_validate(spoiled)
    (fault,) = faults_of(caught.value.errors(include_url=False))
    return fault.pointer, fault.detail, fault.fix


@pytest.mark.parametrize(
    ("spoiled", "detail", "fix"),
    [
        ({"reason": "ab"}, "it has fewer characters than 3", "write at least 3 characters"),
        ({"reason": "a" * 501}, "it has more characters than 500", "shorten it to 500 characters"),
        ({"mode": "x"}, "it is none of '9610' or '1210'", "send one of '9610' or '1210'"),
        ({"lines": [1]}, "it has 1 members, fewer than 2", "send at least 2"),
        ({"lines": [1] * 4}, "it has more members than 3", "send at most 3"),
        ({"weight": 0}, "it is not above 0", "send more than 0"),
        ({"weight": "1.234"}, "it has more than 2 decimals", "round it to 2 decimals"),
        ({"size": 7}, "it is above 5", "send 5 or less"),
        ({"size": "x"}, "it is no whole number", "send a JSON integer"),
    ],
)
def test_a_fault_says_what_is_wrong_and_what_to_do(spoiled: dict[str, Any], detail: str, fix: str) -> None:
    assert told(**spoiled) == (f"/{next(iter(spoiled))}", detail, fix)


def patterns_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for each in value.values():
            yield from patterns_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from patterns_in(each)


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_the_api_is_told_in_words(service: str) -> None:
    described = import_module(f"services.{service}.main").build().openapi()

    assert [pattern for pattern in patterns_in(described) if pattern in how_of(pattern)] == []
