"""Properties: what holds for every order, quoted, split or returned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.tax.law.book import Law
from services.tax.law.calendar import SHANGHAI
from services.tax.law.retail import RETAIL
from services.tax.law.schema import Readings
from services.tax.quotes.offers import Offer
from services.tax.splitting import Part, looks_split
from shared.kernel.goods import GoodsLine
from tests.services.tax.cases import a_filing, a_line, assessed, with_rule_sets
from tests.services.tax.quotes.asking import a_question, asked

CODES = ("9503008900", "4901990000", "2204210000", "2208200000", "3304990029", "4202210090", "0402210000")

days = st.integers(min_value=0, max_value=3880).map(lambda n: date(2016, 4, 8) + timedelta(days=n))
prices = st.integers(min_value=1, max_value=3_000_00).map(lambda n: str(Decimal(n) / 100))
charges = st.decimals(min_value=0, max_value=80, places=5).map(str)
"""Finer than a cent, as both doors take them (N19,5)."""
litres = st.integers(min_value=1, max_value=3000).map(lambda n: Decimal(n) / 1000)


@st.composite
def goods(draw: st.DrawFn) -> GoodsLine:
    """A line of goods of any kind of taxation; creams in grams, drinks in litres."""
    code = draw(st.sampled_from(CODES))
    quantity = draw(litres)
    unit = "l" if code.startswith("22") else "g" if code.startswith("33") else "piece"
    first = quantity * 100 if unit == "g" else quantity if unit == "l" else Decimal(1)
    return a_line(draw(prices), code, first_quantity=first, first_unit=unit)


orders = st.lists(goods(), min_size=1, max_size=6)


@st.composite
def laws(draw: st.DrawFn) -> Callable[[Decimal], Law]:
    """All that a set of filings may say, for an order of some value: the limits may be that value itself."""
    factor, limits = (
        st.sampled_from(["0.70", "0.5", "1"]),
        st.sampled_from(["50", "2000", "5000", "26000", ""]),
    )
    drawn: dict[str, Any] = {
        "factor": Decimal(draw(factor)),
        "one_item_may_exceed": draw(st.booleans()),
        "readings": Readings(
            limit_itself=draw(st.sampled_from(["included", "excluded"])),
            item_at_year_limit=draw(st.sampled_from(["excluded", "included"])),
            gift_lines=draw(st.sampled_from(["count", "pass"])),
        ),
    }
    order, year = draw(limits), draw(limits)

    def of(value: Decimal) -> Law:
        limit = Decimal(order) if order else value
        most = max(limit, Decimal(year) if year else value)
        return with_rule_sets(
            lambda rules: (
                replace(rules, order_limit=limit, year_limit=most, **drawn)
                if rules.channel == RETAIL
                else rules
            )
        )

    return of


@settings(deadline=None, max_examples=300)
@given(lines=orders, day=days, freight=charges, insurance=charges, law=laws())
def test_a_quote_is_what_a_filing_of_that_day_will_be_assessed(
    lines: list[GoodsLine], day: date, freight: str, insurance: str, law: Callable[[Decimal], Law]
) -> None:
    midnight = datetime.combine(day, datetime.min.time(), SHANGHAI).astimezone(UTC)
    filing = a_filing(*lines, freight=freight, insurance=insurance, filed_at=midnight)
    under = law(filing.goods_value + filing.freight + filing.insurance)

    question = a_question(*filing.lines, on=day, freight=freight, insurance=insurance)
    offer = asked(question, under=under)["CN/cbec"]
    made = assessed(filing, under=under)

    assert offer.rules.name == made.rule_set
    assert offer.is_open is (made.working.fault is None)
    if offer.is_open:
        assert offer.tax_total == made.holding.tax_total
        assert [line.tax for line in offer.lines] == [line.tax for line in made.working.lines]
    else:
        assert made.working.fault is not None
        assert made.working.fault.code in {fault.code for fault in offer.faults}


def part(offer: Offer) -> Part:
    """An order as splitting looks at it."""
    value = offer.goods_value if offer.rules.limit_on == "goods" else offer.goods_value + offer.freight
    return Part(value=value, goods=offer.goods_value, tax=sum((line.tax for line in offer.lines), Decimal(0)))


@settings(deadline=None, max_examples=300)
@given(lines=orders, cut=st.integers(min_value=1, max_value=5), to=st.sampled_from(["CN", "DE", "GB", "CA"]))
def test_splitting_an_order_never_lowers_its_lawful_total_without_a_risk_flag(
    lines: list[GoodsLine], cut: int, to: str
) -> None:
    assume(cut < len(lines))

    whole = asked(a_question(*lines, to=(to,)))
    parts = [asked(a_question(*half, to=(to,))) for half in (lines[:cut], lines[cut:])]

    for channel, alone in whole.items():
        pieces = [each[channel] for each in parts]
        if not all(piece.is_open for piece in pieces):
            continue
        together = sum((piece.tax_total or Decimal(0) for piece in pieces), Decimal(0))
        if alone.tax_total is None or together < alone.tax_total:
            assert looks_split(list(map(part, pieces)), alone.rules, limit_of(alone)), channel


def limit_of(offer: Offer) -> Decimal:
    """The order limit; the cases here have it in the currency of the country."""
    assert not offer.rules.limit_currency
    return offer.rules.order_limit
