"""Levy: the worked cases, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.tax.law.calendar import day_of
from services.tax.law.force import law
from tests.services.tax.cases import a_filing, a_line, assessed, taxes, yuan
from tests.support.builders import NOW

BAG, WINE, SPIRITS, CREAM, MILK_POWDER, BOOK = (
    "4202210090",
    "2204210000",
    "2208200000",
    "3304990029",
    "1901101000",
    "4901990000",
)


def test_plain_goods_bear_seventy_per_cent_of_value_added_tax() -> None:
    filing = a_filing(a_line("300.00"), freight="20.00")

    made = assessed(filing)

    assert made.working.dutiable_value == yuan("320.00")
    assert taxes(made) == [(yuan("0.00"), yuan("0.00"), yuan("29.12"))]


def test_a_high_end_cream_bears_consumption_tax_and_value_added_tax_on_the_statutory_one() -> None:
    filing = a_filing(a_line("425.00", CREAM, first_quantity=Decimal(20), first_unit="g"))

    made = assessed(filing)

    assert taxes(made) == [(yuan("0.00"), yuan("52.50"), yuan("45.50"))]
    assert made.holding.tax_total == yuan("98.00")


def test_freight_and_insurance_are_shared_by_line_value() -> None:
    filing = a_filing(
        a_line("600.00", MILK_POWDER), a_line("400.00", WINE), freight="50.00", insurance="10.00"
    )

    made = assessed(filing)

    first, second = made.working.lines
    assert (first.dutiable_value, second.dutiable_value) == (yuan("636.00"), yuan("424.00"))
    assert taxes(made) == [
        (yuan("0.00"), yuan("0.00"), yuan("57.88")),
        (yuan("0.00"), yuan("32.98"), yuan("42.87")),
    ]
    assert made.holding.tax_total == yuan("133.73")


def test_one_dear_bag_bears_full_tax_with_duty_and_counts_in_the_year() -> None:
    filing = a_filing(a_line("8000.00", BAG))

    made = assessed(filing, used="10000.00")

    assert taxes(made) == [(yuan("480.00"), yuan("0.00"), yuan("1102.40"))]
    assert made.holding.tax_total == yuan("1582.40")
    assert made.holding.quota_held == yuan("8000.00")


def test_spirits_bear_consumption_tax_on_value_and_litres() -> None:
    filing = a_filing(a_line("450.00", SPIRITS, first_quantity=Decimal("0.7"), first_unit="l"))

    made = assessed(filing)

    assert taxes(made) == [(yuan("0.00"), yuan("79.31"), yuan("51.26"))]
    assert made.holding.tax_total == yuan("130.57")


@pytest.mark.parametrize(
    ("price", "taxed"),
    [("5000.00", ("0.00", "455.00")), ("5000.01", ("300.00", "689.00"))],
)
def test_one_cent_above_the_order_limit_brings_full_tax(price: str, taxed: tuple[str, str]) -> None:
    filing = a_filing(a_line(price, BAG))

    made = assessed(filing)

    assert taxes(made) == [(yuan(taxed[0]), yuan("0.00"), yuan(taxed[1]))]


def test_a_gift_bears_neither_freight_nor_tax() -> None:
    filing = a_filing(a_line("100.00"), a_line("0.00"), freight="10.00", insurance="1.00")

    made = assessed(filing)

    gift = made.working.lines[1]
    assert (gift.dutiable_value, gift.tax) == (yuan("0.00"), yuan("0.00"))


def test_a_long_order_shares_its_last_cents_without_a_negative_share() -> None:
    filing = a_filing(*(a_line("0.07") for _ in range(99)), freight="1.00", insurance="0.98")

    made = assessed(filing)

    assert sum(line.freight for line in made.working.lines) == yuan("1.00")
    assert sum(line.insurance for line in made.working.lines) == yuan("0.98")
    assert min(line.freight for line in made.working.lines) >= 0


def test_books_bear_the_reduced_rate() -> None:
    made = assessed(a_filing(a_line("100.00", BOOK)))

    assert made.holding.tax_total == yuan("6.30")


@pytest.mark.parametrize(
    ("quantity", "unit", "bears"),
    [
        ("20", "g", True),  # 10.00 a gram: the bound counts
        ("20.1", "g", False),
        ("0.02", "kg", True),
        ("20", "ml", True),
        ("0.021", "l", False),
        ("13", "piece", True),  # 15.38 a sheet
        ("14", "piece", False),  # 14.28 a sheet
    ],
)
def test_cosmetics_are_high_end_from_ten_a_gram_or_fifteen_a_piece(
    quantity: str, unit: str, bears: bool
) -> None:
    filing = a_filing(a_line("200.00", CREAM, first_quantity=Decimal(quantity), first_unit=unit))

    made = assessed(filing)

    assert bool(made.working.lines[0].consumption_tax) is bears


def test_freight_can_lift_a_cream_over_the_bound() -> None:
    cream = a_line("199.00", CREAM, first_quantity=Decimal(20), first_unit="g")

    assert not assessed(a_filing(cream)).working.lines[0].consumption_tax
    assert assessed(a_filing(cream, freight="1.00")).working.lines[0].consumption_tax


def test_the_longest_prefix_decides_and_the_empty_one_covers_the_rest() -> None:
    tariff = law().china.on(day_of(NOW))

    assert tariff.rate_of("2204210000").hs_prefix == "2204"
    assert tariff.rate_of("0402210000").hs_prefix == "04"
    assert tariff.rate_of("9999999999").hs_prefix == ""


def test_every_rate_of_the_bundled_tariff_says_that_it_is_a_demonstration() -> None:
    tables = [each.tariff for each in law().jurisdictions.values()]

    lines = [line for table in tables for dated in table.lines.values() for line in dated.things]

    assert {line.confidence for line in lines} == {"demo"}
    assert all(table.name.endswith("-demo") for table in tables)
