"""Rules: the limits, their edges and their readings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.services.tax.cases import a_filing, a_line, assessed, at, with_readings, with_rule_sets

SPIRITS, CREAM = "2208200000", "3304990029"


def test_several_items_above_the_order_limit_are_refused_with_reason_and_fix() -> None:
    made = assessed(a_filing(a_line("3000.00"), a_line("2000.01")))

    assert (made.gate.status, made.gate.code) == ("REFUSED", "E-LIMIT-ORDER")
    assert "5000.01 exceeds 5000.00" in made.gate.reason
    assert "general trade" in made.gate.reason
    assert made.holding.quota_held == made.holding.guarantee_held == 0


def test_two_pieces_on_one_line_are_not_one_item() -> None:
    made = assessed(a_filing(a_line("6000.00", quantity=Decimal(2))))

    assert made.gate.code == "E-LIMIT-ORDER"


@pytest.mark.parametrize(("price", "code"), [("25999.99", "SECURED"), ("26000.00", "E-LIMIT-ORDER")])
def test_one_item_must_stay_below_the_year_limit(price: str, code: str) -> None:
    made = assessed(a_filing(a_line(price)))

    assert made.gate.code == code


def test_the_other_reading_lets_an_item_of_exactly_the_year_limit_in() -> None:
    included = with_readings(item_at_year_limit="included")

    made = assessed(a_filing(a_line("26000.00")), under=included)

    assert made.gate.code == "SECURED"


@pytest.mark.parametrize(("reading", "code"), [("included", "SECURED"), ("excluded", "E-LIMIT-ORDER")])
def test_whether_the_order_limit_itself_is_within_it_is_a_reading(reading: str, code: str) -> None:
    under = with_readings(limit_itself=reading)

    made = assessed(a_filing(a_line("3000.00"), a_line("2000.00")), under=under)

    assert made.gate.code == code


def test_an_order_of_the_limit_itself_that_is_refused_is_not_said_to_exceed_it() -> None:
    excluded = with_readings(limit_itself="excluded")

    made = assessed(a_filing(a_line("3000.00"), a_line("2000.00")), under=excluded)

    assert made.gate.reason.startswith("dutiable value 5000.00 is not below 5000.00 an order")


def test_where_no_item_may_exceed_the_order_limit_none_does_and_the_reason_names_none() -> None:
    under = with_rule_sets(lambda rules: replace(rules, one_item_may_exceed=False))

    made = assessed(a_filing(a_line("5000.01")), under=under)

    assert made.gate.code == "E-LIMIT-ORDER"
    assert "exceeds 5000.00 an order; import it" in made.gate.reason


@pytest.mark.parametrize(("reading", "code"), [("count", "E-LIMIT-ORDER"), ("pass", "SECURED")])
def test_whether_a_gift_makes_two_items_is_a_reading(reading: str, code: str) -> None:
    under = with_readings(gift_lines=reading)

    made = assessed(a_filing(a_line("6000.00"), a_line("0.00")), under=under)

    assert made.gate.code == code


def test_the_year_limit_counts_used_and_reserved_and_says_what_is_left() -> None:
    filing = a_filing(a_line("1000.00"))

    made = assessed(filing, used="24000.00", reserved="1000.01")

    assert (made.gate.status, made.gate.code) == ("REFUSED", "E-LIMIT-YEAR")
    assert "24000.00 used, 1000.01 reserved, 999.99 left" in made.gate.reason
    assert "2026-01-01" in made.gate.reason


def test_the_year_limit_itself_may_be_reached() -> None:
    made = assessed(a_filing(a_line("1000.00")), used="24000.00", reserved="1000.00")

    assert made.gate.code == "SECURED"


def test_one_dear_item_counts_in_the_year_too() -> None:
    made = assessed(a_filing(a_line("8000.00")), used="18000.01")

    assert made.gate.code == "E-LIMIT-YEAR"


@pytest.mark.parametrize(
    ("filed_at", "rule_set", "code"),
    [
        ("2018-12-31T15:59:59+00:00", "CN-CBEC-2016-04-08", "E-LIMIT-ORDER"),
        ("2018-12-31T16:00:00+00:00", "CN-CBEC-2019-01-01", "SECURED"),
    ],
)
def test_law_changes_at_midnight_in_shanghai(filed_at: str, rule_set: str, code: str) -> None:
    filing = a_filing(a_line("2000.00"), a_line("0.01"), filed_at=at(filed_at))

    made = assessed(filing)

    assert (made.rule_set, made.gate.code) == (rule_set, code)


def test_the_quota_year_is_that_of_the_filing_in_shanghai() -> None:
    made = assessed(a_filing(a_line("10.00"), filed_at=at("2025-12-31T16:00:00+00:00")))

    assert made.working.year == 2026


def test_freight_over_gifts_alone_is_refused_because_nothing_says_who_bears_it() -> None:
    made = assessed(a_filing(a_line("0.00"), freight="5.00"))

    assert made.gate.code == "E-TAX-VALUE"


def test_an_order_without_any_value_is_secured_with_nothing() -> None:
    made = assessed(a_filing(a_line("0.00")), balance=Decimal(0))

    assert (made.gate.status, made.holding.tax_total) == ("PASSED", Decimal(0))


@pytest.mark.parametrize("goods_code", [SPIRITS, CREAM])
def test_goods_taxed_by_quantity_need_that_quantity(goods_code: str) -> None:
    unit = "kg" if goods_code == SPIRITS else "piece"
    quantity = Decimal(1) if goods_code == SPIRITS else Decimal(0)
    line = a_line("100.00", goods_code, first_quantity=quantity, first_unit=unit, unit=unit)

    made = assessed(a_filing(a_line("1.00"), line))

    assert made.gate.code == "E-TAX-UNIT"
    assert made.working.fault is not None
    assert made.working.fault.pointer == "/list/lines/1/first_quantity"


def test_goods_that_the_list_leaves_out_are_refused_with_their_place() -> None:
    made = assessed(a_filing(a_line("10.00"), a_line("90.00", "2402200000")))

    assert (made.gate.status, made.gate.code) == ("REFUSED", "E-LIST-NOT")
    assert made.working.fault is not None
    assert made.working.fault.pointer == "/list/lines/1/goods_code"


@pytest.mark.parametrize(
    ("goods_code", "grams", "code"),
    [
        ("1006309000", ("12000", "8000"), "SECURED"),
        ("1006309000", ("12000", "8001"), "E-LIST-NOTE"),
        ("1701990000", ("2000", "0.1"), "E-LIST-NOTE"),
    ],
)
def test_one_order_has_no_more_of_noted_goods_than_a_person_may_have_in_a_year(
    goods_code: str, grams: tuple[str, str], code: str
) -> None:
    lines = [a_line("30.00", goods_code, first_quantity=Decimal(each), first_unit="g") for each in grams]

    made = assessed(a_filing(*lines))

    assert made.gate.code == code


@pytest.mark.parametrize(
    ("filed_at", "due"),
    [
        ("2018-04-30T15:59:59+00:00", "11.90"),
        ("2018-04-30T16:00:00+00:00", "11.20"),
        ("2019-03-31T15:59:59+00:00", "11.20"),
        ("2019-03-31T16:00:00+00:00", "9.10"),
    ],
)
def test_value_added_tax_changes_at_midnight_in_shanghai(filed_at: str, due: str) -> None:
    made = assessed(a_filing(a_line("100.00"), filed_at=at(filed_at)))

    assert made.holding.tax_total == Decimal(due)


@pytest.mark.parametrize(
    ("filed_at", "taxes"),
    [("2016-09-30T15:59:59+00:00", ("60.00", "34.00")), ("2016-09-30T16:00:00+00:00", ("0.00", "23.80"))],
)
def test_cosmetics_below_the_bound_are_free_of_consumption_tax_since_october_2016(
    filed_at: str, taxes: tuple[str, str]
) -> None:
    cream = a_line("200.00", CREAM, first_quantity=Decimal(50), first_unit="g")

    (line,) = assessed(a_filing(cream, filed_at=at(filed_at))).working.lines

    assert (line.consumption_tax, line.value_added_tax) == tuple(map(Decimal, taxes))
