"""Risk: points add up to a lane, and a lane to customs' gate."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.declaration.risk import Risk, gate_of, lane_of, seed_of, weigh
from tests.support.builders import NOW, a_goods_line, a_submission

SEED = seed_of(date(2025, 6, 2), b"key" * 11)


def weighed(number: int = 1, **changes: Any) -> Risk:
    line = a_goods_line(**changes)
    return weigh(a_submission([line], number=number), SEED)


@pytest.mark.parametrize(
    ("score", "lane"),
    [(0, "green"), (29, "green"), (30, "blue"), (49, "blue"), (50, "yellow"), (79, "yellow"), (80, "red")],
)
def test_each_bound_belongs_to_the_lane_above(score: int, lane: str) -> None:
    assert lane_of(score) == lane


def test_an_ordinary_parcel_is_green() -> None:
    assert weighed() == Risk(score=0, lane="green", rules=())


@pytest.mark.parametrize(
    ("changes", "rule", "lane"),
    [
        ({"goods_code": "8517130000", "price": Decimal("49.99")}, "under_declared", "yellow"),
        ({"price": Decimal(2450), "total_price": Decimal(4900)}, "just_under_the_limit", "green"),
        ({"quantity": Decimal(501)}, "beyond_household_use", "green"),
        ({"total_price": Decimal(40001)}, "weight_far_from_goods", "blue"),
        (
            {"goods_code": "3304990090", "unit": "ml", "price": Decimal("9.50")},
            "at_the_price_cliff",
            "yellow",
        ),
        ({"price": Decimal("20000.01")}, "high_single_value", "blue"),
    ],
)
def test_a_rule_gives_its_points(changes: dict[str, Any], rule: str, lane: str) -> None:
    found = weighed(**changes)

    assert (found.rules, found.lane) == ((rule,), lane)


@pytest.mark.parametrize(
    "changes",
    [
        {"goods_code": "8517130000", "price": Decimal(50)},
        {"goods_code": "8517130000", "price": Decimal(0)},
        {"goods_code": "3304990090", "unit": "ml", "price": Decimal("10.00")},
        {"goods_code": "3304990090", "unit": "ml", "price": Decimal("9.49")},
        {"price": Decimal(20000)},
        {"total_price": Decimal("5000.01")},
    ],
)
def test_just_beside_its_bound_a_rule_gives_none(changes: dict[str, Any]) -> None:
    assert weighed(**changes).rules == ()


def test_points_add_up() -> None:
    found = weighed(
        goods_code="8517130000", price=Decimal(10), quantity=Decimal(501), total_price=Decimal(5010)
    )

    assert (found.score, found.lane) == (70, "yellow")


def test_about_one_in_two_hundred_is_drawn_and_the_same_ones_when_drawn_again() -> None:
    drawn = [number for number in range(4000) if weighed(number).lane == "red"]
    again = [number for number in drawn if weighed(number).lane == "red"]

    assert 8 <= len(drawn) <= 35
    assert again == drawn


def test_another_day_draws_others() -> None:
    other = seed_of(date(2025, 6, 3), b"key" * 11)

    assert other != SEED
    assert seed_of(date(2025, 6, 2), b"key" * 11) == SEED


@pytest.mark.parametrize("lane", ["yellow", "red"])
def test_yellow_and_red_are_held_with_reason_owner_and_due_time(lane: Any) -> None:
    gate = gate_of(lane, NOW)

    assert (gate.status, gate.code, gate.awaits) == ("HELD", "CUSTOMS_REVIEW", "customs officer")
    assert gate.reason
    assert gate.due_at == NOW + timedelta(days=5)


@pytest.mark.parametrize("lane", ["green", "blue"])
def test_green_and_blue_pass(lane: Any) -> None:
    assert gate_of(lane, NOW).status == "PASSED"
