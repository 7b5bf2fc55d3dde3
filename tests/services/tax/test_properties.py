"""Properties: what holds for every order."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.tax.law.calendar import day_of
from services.tax.law.force import law
from services.tax.levy import measured
from services.tax.trace import explain
from tests.services.tax.cases import a_filing, a_line, assessed, yuan
from tests.support.builders import NOW

CENT = Decimal("0.01")
FACTOR = Decimal("0.70")
PLAIN = ("9503008900", "4901990000", "2204210000", "7117190000", "0402210000")
"""Headings without specific tax and without a bound of price."""

prices = st.integers(min_value=1, max_value=4_000_00).map(lambda cents: str(Decimal(cents) / 100))
charges = st.decimals(min_value=0, max_value=50, places=5).map(str)
"""Finer than a cent, as the messages allow (N19,5)."""


@given(price=prices, freight=charges, insurance=charges, goods_code=st.sampled_from(PLAIN))
def test_what_is_levied_is_the_composite_rate_within_a_cent_a_tax(
    price: str, freight: str, insurance: str, goods_code: str
) -> None:
    rate = law().china.on(day_of(NOW)).rate_of(goods_code)

    made = assessed(a_filing(a_line(price, goods_code), freight=freight, insurance=insurance))

    composite = (rate.consumption + rate.vat) / (1 - rate.consumption) * FACTOR
    exact = made.working.dutiable_value * composite
    taxes = 2 if rate.consumption else 1
    assert abs(made.holding.tax_total - exact) <= CENT * taxes / 2


@given(
    values=st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=99).filter(any),
    freight=charges,
    insurance=charges,
)
def test_shares_add_up_and_none_is_negative(values: list[int], freight: str, insurance: str) -> None:
    lines = [a_line(str(Decimal(value) / 100)) for value in values]

    made = assessed(a_filing(*lines, freight=freight, insurance=insurance))

    taxed = made.working.lines
    assert sum(line.freight for line in taxed) == yuan(freight)
    assert sum(line.insurance for line in taxed) == yuan(insurance)
    assert sum(line.dutiable_value for line in taxed) == made.working.dutiable_value
    assert all(line.freight >= 0 and line.insurance >= 0 and line.tax >= 0 for line in taxed)
    assert all(line.tax == 0 for line in taxed if line.price == 0)


@given(prices=st.lists(prices, min_size=1, max_size=5), goods_code=st.sampled_from(PLAIN))
def test_the_total_is_what_is_held_and_what_the_trace_ends_with(prices: list[str], goods_code: str) -> None:
    made = assessed(a_filing(*(a_line(price, goods_code) for price in prices)))

    if made.working.fault is None:
        assert made.holding.tax_total == made.working.tax_total == made.holding.guarantee_held
        assert made.holding.quota_held == made.working.dutiable_value
        assert explain(made.working)[-1] == f"total = {made.working.tax_total}"
    else:
        assert made.working.dutiable_value > 5000
        assert made.holding.quota_held == made.holding.guarantee_held == 0


@given(
    litres=st.integers(min_value=1, max_value=5000).map(lambda ml: Decimal(ml) / 1000),
    price=st.integers(min_value=1, max_value=4000),
)
def test_specific_tax_grows_with_the_litres_whatever_the_unit(litres: Decimal, price: int) -> None:
    in_litres = a_line(str(price), "2208200000", first_quantity=litres, first_unit="l")
    in_millilitres = a_line(str(price), "2208200000", first_quantity=litres * 1000, first_unit="ml")

    one, other = assessed(a_filing(in_litres)), assessed(a_filing(in_millilitres))

    assert one.holding.tax_total == other.holding.tax_total
    assert one.working.lines[0].specific_tax == litres * Decimal("0.912")
    assert measured(in_litres, {}) == 0
