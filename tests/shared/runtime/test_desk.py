"""The officers' desk refuses what is no order."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.runtime.desk import DecisionIn
from shared.runtime.operations import ResayIn

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
