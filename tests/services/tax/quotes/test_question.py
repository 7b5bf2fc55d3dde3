"""Question: amounts as asked, as converted, and beside an order limit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.tax.quotes.offers import Offer
from tests.services.tax.cases import a_filing, a_line, assessed, with_readings
from tests.services.tax.quotes.asking import a_question, asked


def korean(currency: str, *prices: str) -> Offer:
    """List clearance in Korea for lines at these prices, sent from China."""
    lines = (a_line(price, origin_country="CN") for price in prices)
    question = a_question(*lines, to=("KR",), dispatch_country="CN", currency=currency)
    return asked(question)["KR/list"]


@pytest.mark.parametrize(
    ("prices", "is_open"),
    [
        (["150.00"], True),
        (["37.50"] * 4, True),  # 50,072.50 won each: line by line 2 won above the limit
        (["150.01"], False),
        (["1.12"] * 26 + ["120.89"], False),  # 150.01 dollars: line by line just the limit in won
    ],
)
def test_dollars_are_held_against_a_limit_in_dollars_to_the_cent(prices: list[str], is_open: bool) -> None:
    assert korean("USD", *prices).is_open is is_open


@pytest.mark.parametrize(
    ("currency", "prices", "is_open"),
    [
        ("EUR", ["134.26"], True),  # 200,283.70 won; the limit is 200,290.005
        ("EUR", ["0.91"] * 14 + ["121.52"], True),  # the same: line by line it is above the limit
        ("EUR", ["134.27"], False),
        ("KRW", ["200290.00"], True),
        ("KRW", ["200290.01"], False),
    ],
)
def test_two_currencies_meet_in_won_and_neither_side_is_rounded(
    currency: str, prices: list[str], is_open: bool
) -> None:
    assert korean(currency, *prices).is_open is is_open


def test_what_is_told_of_a_limit_is_what_was_compared() -> None:
    at_it, above, crossed = korean("USD", *["37.50"] * 4), korean("USD", "150.01"), korean("EUR", "134.27")

    assert at_it.why == "150.00 USD is within 150.00 USD an order"
    assert above.faults[0].detail == "150.01 USD (goods) exceeds 150.00 an order"
    assert crossed.faults[0].detail == "200298.6152 KRW (goods) exceeds 200290.005 an order"


def test_goods_of_the_limit_itself_that_are_refused_are_not_said_to_exceed_it() -> None:
    parcel = a_question(a_line("500.00"), a_line("500.00"))

    offer = asked(parcel, under=with_readings(limit_itself="excluded"))["CN/post"]

    assert offer.faults[0].detail.startswith("1000.00 CNY (goods) is not below 1000.00 an order")


@pytest.mark.parametrize(
    ("prices", "freight", "due"),
    [
        (["100.00"], "0.1649", "9.12"),  # at 0.16 it would be 9.11
        (["2495.00", "2495.00"], "10.004", None),  # 5,000.004 in all; at 10.00 it would be within 5,000
    ],
)
def test_what_freight_has_below_the_cent_counts_as_in_a_filing(
    prices: list[str], freight: str, due: str | None
) -> None:
    lines = [a_line(price) for price in prices]

    offer = asked(a_question(*lines, freight=freight))["CN/cbec"]
    made = assessed(a_filing(*lines, freight=freight))

    assert offer.tax_total == (Decimal(due) if due else None)
    assert offer.is_open is (made.working.fault is None)
    assert not offer.is_open or offer.tax_total == made.holding.tax_total


def test_an_amount_in_the_currency_of_the_country_stays_as_it_is() -> None:
    at_home = asked(a_question(a_line("100.00"), freight="0.1649", insurance="0.00001"))["CN/cbec"]
    abroad = asked(a_question(a_line("100.00"), freight="0.1649", currency="EUR"))["CN/general"]

    assert (at_home.freight, at_home.insurance) == (Decimal("0.1649"), Decimal("0.00001"))
    assert at_home.landed_cost == at_home.landed_cost_asked == Decimal("109.28491")
    assert abroad.freight == Decimal("1.23")  # 0.1649 x 7.4326
