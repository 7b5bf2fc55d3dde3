"""Offers: the channels of ten jurisdictions, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.tax.quotes.offers import Offer
from tests.services.tax.cases import a_filing, a_line, assessed
from tests.services.tax.quotes.asking import a_question, a_quota, asked

TOY, BAG, CREAM, WINE, SPIRITS, BEER = (
    "9503008900",
    "4202210090",
    "3304990029",
    "2204210000",
    "2208200000",
    "2203000000",
)
SILK_BLOUSE, WOOL_BLOUSE, RICE = "6206100000", "6206200000", "1006309000"


def tax(offer: Offer) -> Decimal:
    """What is due; the channel must be open."""
    assert offer.tax_total is not None, offer.why
    return offer.tax_total


def obstacles(offer: Offer) -> set[str]:
    """Codes of what stands in the way."""
    return {fault.code for fault in offer.faults}


def test_the_worked_cases_of_retail_import_are_quoted_to_the_cent() -> None:
    plain = a_question(a_line("300.00"), freight="20.00")
    cream = a_question(a_line("425.00", CREAM, first_quantity=Decimal(20), first_unit="g"))
    shared = a_question(
        a_line("600.00", "1901101000"), a_line("400.00", WINE), freight="50.00", insurance="10.00"
    )
    bag = a_question(a_line("8000.00", BAG), quota=a_quota("10000.00"))
    spirits = a_question(a_line("450.00", SPIRITS, first_quantity=Decimal("0.7"), first_unit="l"))

    totals = [tax(asked(question)["CN/cbec"]) for question in (plain, cream, shared, bag, spirits)]

    assert totals == [Decimal(text) for text in ("29.12", "98.00", "133.73", "1582.40", "130.57")]
    assert asked(bag)["CN/cbec"].quota_left == Decimal("16000.00")


def test_beer_bears_consumption_tax_by_the_litre_alone() -> None:
    beer = a_question(a_line("100.00", BEER, first_quantity=Decimal(5), first_unit="l"))

    charges = asked(beer)["CN/cbec"].lines[0].charges

    assert [(charge.tax, charge.amount) for charge in charges] == [
        ("consumption tax", Decimal("0.89")),  # 5 x 0.253 x 0.70
        ("value-added tax", Decimal("9.22")),  # (100 + 1.265) x 0.13 x 0.70
    ]


@pytest.mark.parametrize(("price", "due", "waived"), [("250.00", "0.00", "50.00"), ("250.05", "50.01", "0")])
def test_the_postal_route_waives_up_to_fifty_yuan(price: str, due: str, waived: str) -> None:
    offer = asked(a_question(a_line(price, BAG)))["CN/post"]

    assert (tax(offer), offer.waived) == (Decimal(due), Decimal(waived))
    assert offer.landed_cost == Decimal(price) + Decimal(due)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2018, 10, 31), "300.00"),
        (date(2018, 11, 1), "250.00"),
        (date(2019, 4, 8), "250.00"),
        (date(2019, 4, 9), "200.00"),
    ],
)
def test_the_postal_rate_follows_the_day(day: date, due: str) -> None:
    assert tax(asked(a_question(a_line("1000.00", BAG), on=day))["CN/post"]) == Decimal(due)


def test_a_parcel_from_hong_kong_has_the_lower_limit_unless_it_is_one_item() -> None:
    two = a_question(a_line("450.00"), a_line("400.00"), dispatch_country="HK")
    one = a_question(a_line("850.00"), dispatch_country="HK")

    assert obstacles(asked(two)["CN/post-near"]) == {"E-LIMIT-ORDER"}
    assert obstacles(asked(two)["CN/post"]) == {"E-CHANNEL-FROM"}
    assert asked(one)["CN/post-near"].is_open


def test_what_falls_out_of_retail_import_is_open_to_general_trade_in_full() -> None:
    found = asked(a_question(a_line("3000.00", BAG), a_line("3000.00", BAG)))

    assert obstacles(found["CN/cbec"]) == {"E-LIMIT-ORDER"}
    assert (found["CN/cbec"].tax_total, found["CN/cbec"].lines) == (None, ())
    assert tax(found["CN/general"]) == Decimal("1186.80")  # 6,000 x 6 %, then 13 % on 6,360
    assert found["CN/general"].cheapest


def test_consumption_tax_stands_on_duty_where_duty_is_due() -> None:
    wine = a_line("400.00", WINE, first_quantity=Decimal(1), first_unit="l")
    dear = a_line("6000.00", WINE, first_quantity=Decimal(1), first_unit="l")

    general, retail = asked(a_question(wine))["CN/general"], asked(a_question(dear))["CN/cbec"]

    assert [charge.amount for charge in general.lines[0].charges] == [
        Decimal("56.00"),  # 400 x 14 %
        Decimal("50.67"),  # (400 + 56) / 0.9 x 10 %
        Decimal("65.87"),  # (400 + 56 + 50.6667) x 13 %
    ]
    assert tax(retail) == assessed(a_filing(dear)).holding.tax_total == Decimal("2588.00")


def test_all_that_stands_in_the_way_is_told_at_once() -> None:
    lines = (a_line("4000.00", "2402200000"), a_line("4000.00"))

    offer = asked(a_question(*lines, quota=a_quota("20000.00")))["CN/cbec"]

    assert obstacles(offer) == {"E-LIST-NOT", "E-LIMIT-ORDER", "E-LIMIT-YEAR"}
    assert "1476 lines" in offer.faults[0].detail


@pytest.mark.parametrize(("kilograms", "is_open"), [("20", True), ("20.1", False)])
def test_rice_is_noted_with_twenty_kilograms_a_year(kilograms: str, is_open: bool) -> None:
    rice = a_line("90.00", RICE, first_quantity=Decimal(kilograms), first_unit="kg")

    offer = asked(a_question(rice))["CN/cbec"]

    assert offer.is_open is is_open
    assert "rice: 20 kg a person and year" in offer.eligibility


@pytest.mark.parametrize(
    ("day", "duty"), [(date(2026, 6, 30), Decimal(0)), (date(2026, 7, 1), Decimal("6.00"))]
)
def test_the_union_takes_three_euro_a_subheading_from_july_2026(day: date, duty: Decimal) -> None:
    lines = (a_line("25.00", SILK_BLOUSE), a_line("20.00", WOOL_BLOUSE), a_line("20.00", WOOL_BLOUSE))

    offer = asked(a_question(*lines, to=("BE",), on=day, currency="EUR"))["BE/ioss"]

    flat = sum(
        each.amount for line in offer.lines for each in line.charges if each.tax == "flat customs duty"
    )
    assert flat == duty
    assert tax(offer) - duty == Decimal("13.65")  # 21 % of 65 at the sale


@pytest.mark.parametrize(("price", "is_open"), [("150.00", True), ("150.01", False)])
def test_exactly_the_limit_of_the_union_is_within_it(price: str, is_open: bool) -> None:
    offer = asked(a_question(a_line(price), to=("DE",), currency="EUR", freight="30.00"))["DE/ioss"]

    assert offer.is_open is is_open


@pytest.mark.parametrize(
    ("country", "dispatch", "on", "channels"),
    [
        ("US", "GB", date(2025, 4, 1), {"de-minimis", "entry"}),
        ("US", "CN", date(2025, 5, 1), {"de-minimis"}),
        ("US", "CN", date(2025, 5, 2), set()),
        ("US", "GB", date(2025, 8, 28), {"de-minimis"}),
        ("US", "GB", date(2026, 3, 1), {"entry", "post"}),
        ("GB", "CN", date(2026, 3, 1), {"low-value", "standard"}),
        ("AU", "CN", date(2026, 3, 1), {"low-value", "standard"}),
        ("NZ", "CN", date(2026, 3, 1), {"low-value", "standard"}),
        ("SG", "CN", date(2026, 3, 1), {"low-value", "standard"}),
        ("KR", "CN", date(2026, 3, 1), {"list", "standard"}),
        ("KR", "US", date(2026, 3, 1), {"list-us", "standard"}),
        ("JP", "CN", date(2026, 3, 1), {"low-value", "standard"}),
        ("CA", "CN", date(2026, 3, 1), {"standard"}),
        ("CA", "US", date(2026, 3, 1), {"duty-free-near", "standard"}),
    ],
)
def test_the_channels_that_are_open_to_a_toy_of_fifty_dollars(
    country: str, dispatch: str, on: date, channels: set[str]
) -> None:
    toy = a_line("50.00", origin_country=dispatch)
    question = a_question(toy, to=(country,), dispatch_country=dispatch, on=on, currency="USD")

    found = asked(question)

    assert {offer.rules.channel for offer in found.values() if offer.is_open} == channels


@pytest.mark.parametrize(
    ("origin", "dispatch", "closed_by"), [("CN", "GB", {"E-CHANNEL-ORIGIN"}), ("GB", "CN", set())]
)
def test_the_american_order_of_2025_goes_by_origin(origin: str, dispatch: str, closed_by: set[str]) -> None:
    toy = a_line("50.00", origin_country=origin)
    day = date(2025, 6, 1)

    found = asked(a_question(toy, to=("US",), dispatch_country=dispatch, on=day, currency="USD"))

    assert obstacles(found["US/de-minimis"]) == closed_by


@pytest.mark.parametrize(
    ("country", "price", "day", "bears_duty"),
    [
        ("DE", "150.00", date(2026, 6, 30), False),
        ("DE", "150.01", date(2026, 6, 30), True),
        ("DE", "150.00", date(2026, 7, 1), True),
        ("GB", "135.00", date(2026, 3, 1), False),
        ("GB", "135.01", date(2026, 3, 1), True),
    ],
)
def test_goods_of_little_value_bear_no_duty_whatever_is_declared(
    country: str, price: str, day: date, bears_duty: bool
) -> None:
    currency = "EUR" if country == "DE" else "GBP"
    question = a_question(a_line(price, BAG), to=(country,), currency=currency, freight="30.00", on=day)

    charges = asked(question)[f"{country}/standard"].lines[0].charges

    assert ("customs duty" in [charge.tax for charge in charges]) is bears_duty


def test_amounts_are_those_of_the_currency() -> None:
    offer = asked(a_question(a_line("100.00"), to=("JP",), currency="EUR", freight="3.33"))["JP/standard"]

    assert offer.landed_cost is not None
    assert offer.landed_cost == offer.landed_cost.quantize(Decimal(1))
    assert offer.goods_value == Decimal(17568)


def test_the_cheapest_open_channel_comes_first_in_each_country() -> None:
    question = a_question(a_line("20.00", CREAM, first_quantity=Decimal(50), first_unit="g"), to=("CN", "GB"))

    found = list(asked(question).values())

    assert [offer.country for offer in found] == ["CN"] * 4 + ["GB"] * 2
    assert [offer.cheapest for offer in found] == [True, False, False, False, True, False]
    assert found[0].rules.channel == "post"
    assert found[0].landed_cost == Decimal("20.00")
