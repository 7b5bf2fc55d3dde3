"""Replay: the same facts under two laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tax.law.book import Law
from services.tax.law.force import law
from services.tax.replay import Past, by_country, by_goods, changes, compare, split_groups
from shared.kernel.goods import GoodsLine
from shared.kernel.ids import BuyerToken
from tests.services.tax.cases import a_filing, a_line, assessed, at, with_readings, with_rule_sets

BAG = "4202210090"
NOON = at("2025-06-02T04:00:00+00:00")


def a_past(*lines: GoodsLine, number: int = 1, buyer: str = "b", **overrides: Any) -> Past:
    """A declaration of toys for 100, filed at noon in China."""
    filing = a_filing(*(lines or (a_line("100.00"),)), number=number)
    past = Past(
        declaration_id=filing.declaration_id,
        filed_at=NOON,
        buyer=BuyerToken(buyer),
        seller=filing.seller,
        goods_value=filing.goods_value,
        freight=Decimal("0.00"),
        insurance=Decimal("0.00"),
        lines=filing.lines,
    )
    return replace(past, **overrides)


def with_factor(factor: str, **limits: Any) -> Law:
    """The law in force, with another levied part and limits in retail import."""
    return with_rule_sets(
        lambda rules: replace(rules, factor=Decimal(factor), **limits) if rules.channel == "cbec" else rules
    )


def test_the_law_in_force_against_itself_changes_nothing_and_repeats_every_assessment() -> None:
    facts = [a_past(a_line("300.00"), number=number) for number in range(1, 4)]

    compared = compare(facts, law(), law())

    assert changes(compared)["same"] == 3
    assert [each.before.holding.tax_total for each in compared] == [
        assessed(a_filing(a_line("300.00"))).holding.tax_total
    ] * 3


def test_sugar_of_one_year_is_added_up_as_it_was() -> None:
    sugar = a_line("30.00", "1701990000", first_quantity=Decimal("1.5"), first_unit="kg")

    compared = compare([a_past(sugar, number=number) for number in (1, 2)], law(), law())

    assert [each.after.gate.code for each in compared] == ["SECURED", "E-LIST-NOTE"]


def test_a_larger_levied_part_costs_more_by_goods_and_country() -> None:
    facts = [
        a_past(a_line("100.00"), a_line("50.00", BAG, origin_country="IT"), number=1),
        a_past(a_line("200.00", BAG, origin_country="IT"), number=2),
    ]

    compared = compare(facts, law(), with_factor("1"))
    goods, countries = by_goods(compared, law()), by_country(compared)

    assert changes(compared)["more"] == 2
    assert [(row.name, row.lines, row.difference) for row in goods] == [
        ("4202 bags and cases", 2, Decimal("9.75")),  # 13 % of 250, less its 70 %: 32.50 - 22.75
        ("95 toys and games", 1, Decimal("3.90")),
    ]
    assert [(row.name, row.difference) for row in countries] == [
        ("IT", Decimal("9.75")),
        ("GB", Decimal("3.90")),
    ]


def test_a_lower_limit_refuses_what_came_in_and_a_higher_one_admits_what_did_not() -> None:
    small = a_past(a_line("400.00"), a_line("500.00"), number=1)
    large = a_past(a_line("3000.00"), a_line("3000.00"), number=2)

    lower = compare([small, large], law(), with_factor("0.70", order_limit=Decimal(500)))
    higher = compare([small, large], law(), with_factor("0.70", order_limit=Decimal(9000)))

    assert [each.change for each in lower] == ["now refused", "refused in both"]
    assert [each.change for each in higher] == ["same", "now admitted"]


def test_the_year_of_a_buyer_fills_up_in_both_and_what_ended_gives_back() -> None:
    facts = [a_past(a_line("5000.00"), number=number) for number in range(1, 8)]
    ended = [replace(facts[0], ended_without_permit=True), *facts[1:]]

    full, freed = compare(facts, law(), law()), compare(ended, law(), law())

    assert changes(full)["refused in both"] == 2  # five fit within 26,000
    assert changes(freed)["refused in both"] == 1


def test_another_day_brings_that_days_law() -> None:
    compared = compare([a_past(a_line("300.00"))], law(), law(), as_of=date(2018, 4, 30))

    (one,) = compared
    assert one.after.rule_set == "CN-CBEC-2016-04-08"
    assert (one.before.holding.tax_total, one.after.holding.tax_total) == (Decimal("27.30"), Decimal("35.70"))


def test_orders_of_one_day_that_exceed_the_limit_together_are_counted_as_split() -> None:
    day = [a_past(a_line("3000.00"), number=number) for number in (1, 2)]
    next_day = replace(day[1], filed_at=datetime.fromisoformat("2025-06-02T16:00:00+00:00"))

    assert split_groups(compare(day, law(), law()), law()) == 1
    assert split_groups(compare([day[0], next_day], law(), law()), law()) == 0


@pytest.mark.parametrize(("reading", "groups"), [("included", 0), ("excluded", 1)])
def test_orders_that_reach_the_limit_itself_together_are_split_where_it_is_excluded(
    reading: str, groups: int
) -> None:
    under = with_readings(limit_itself=reading)
    day = [a_past(a_line("2500.00"), number=number) for number in (1, 2)]

    assert split_groups(compare(day, under, under), under) == groups


@given(prices=st.lists(st.integers(min_value=1, max_value=4000), min_size=1, max_size=12))
def test_rows_add_up_to_the_declarations(prices: list[int]) -> None:
    facts = [a_past(a_line(f"{price}.00"), number=number) for number, price in enumerate(prices, start=1)]

    compared = compare(facts, law(), with_factor("0.80"))

    both = [
        each for each in compared if each.before.working.fault is None and each.after.working.fault is None
    ]
    more = sum((each.after.holding.tax_total - each.before.holding.tax_total for each in both), Decimal(0))
    assert sum((row.difference for row in by_goods(compared, law())), Decimal(0)) == more
    assert sum((row.difference for row in by_country(compared)), Decimal(0)) == more
