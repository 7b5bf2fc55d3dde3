"""The officers' desk refuses what is no order."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from shared.kernel.refusal import Refusal
from shared.runtime.desk import DecisionIn, _read_cursor
from shared.runtime.operations import ResayIn
from tests.support.builders import a_declaration_id

ID = a_declaration_id()
ORDER: dict[str, Any] = {"version": 1, "lease_no": 1, "verdict": "pass", "reason": "papers in order"}


def test_a_decision_with_a_reason_is_an_order() -> None:
    assert DecisionIn(**{**ORDER, "reason": "  papers in order "}).reason == "papers in order"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "   "},
        {"reason": "a\x00bc"},
        {"lease_no": True},
        {"lease_no": "1"},
        {"version": 0},
        {"extra": 1},
    ],
)
def test_a_decision_without_a_reason_or_with_a_wrong_number_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DecisionIn(**{**ORDER, **wrong})


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="since must lie before until"):
        ResayIn.model_validate({"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    "place",
    [
        "",
        "soon x",
        "2026-01-01T00:00:00+00:00 x",
        f"0001-01-01T00:00:00+14:00 {ID}",
        f"9999-12-31T23:59:59-14:00 {ID}",
    ],
)
def test_a_cursor_that_is_not_ours_is_told_so(place: str) -> None:
    with pytest.raises(Refusal) as refused:
        _read_cursor(base64.urlsafe_b64encode(place.encode()).decode())

    assert (refused.value.code, refused.value.status) == ("E-CURSOR", 400)
