"""Returning: worked cases, both readings, and that no split of a return gives back a cent more or less."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tax.law.schema import PartReturns
from services.tax.levy import TaxedLine
from services.tax.refunding.returning import READINGS, Returned, give_back
from shared.kernel.goods import GoodsLine
from tests.services.tax.cases import a_filing, a_line, assessed, yuan
from tests.services.tax.quotes.test_properties import charges, orders

ONE = Decimal(1)


def milk_and_wine() -> tuple[TaxedLine, ...]:
    """Worked case 3: milk powder 600, wine 400, freight 50, insurance 10."""
    milk, wine = a_line("600.00", "1901101000"), a_line("400.00", "2204210000")
    return assessed(a_filing(milk, wine, freight="50.00", insurance="10.00")).working.lines


def whole(line: TaxedLine, reading: PartReturns = "pro_rata") -> tuple[Decimal, Decimal]:
    """Tax and quota that the whole line gives back."""
    back = give_back(line, Returned(quantity=ONE, before=Decimal(0), now=ONE), reading, yuan("0.70"))
    return back.tax, back.quota


@pytest.mark.parametrize("reading", READINGS)
def test_returning_the_milk_gives_back_its_tax_and_its_value_with_freight(reading: PartReturns) -> None:
    milk, wine = milk_and_wine()

    assert whole(milk, reading) == (yuan("57.88"), yuan("636.00"))
    assert whole(wine, reading) == (yuan("32.98") + yuan("42.87"), yuan("424.00"))


@pytest.mark.parametrize(
    ("reading", "thirds"),
    [("pro_rata", ["19.29", "19.30", "19.29"]), ("recomputed", ["19.30", "19.29", "19.29"])],
)
def test_a_third_at_a_time_the_cents_come_out_even(reading: PartReturns, thirds: list[str]) -> None:
    milk, _ = milk_and_wine()

    back = [
        give_back(milk, Returned(quantity=Decimal(3), before=Decimal(n), now=ONE), reading, yuan("0.70"))
        for n in range(3)
    ]

    assert [each.tax for each in back] == list(map(yuan, thirds))
    assert [each.quota for each in back] == [yuan("212.00")] * 3


def test_the_readings_differ_by_cents_where_the_rounding_does() -> None:
    milk, _ = milk_and_wine()
    fourth_seventh = Returned(quantity=Decimal(7), before=Decimal(3), now=ONE)

    back = {reading: give_back(milk, fourth_seventh, reading, yuan("0.70")) for reading in READINGS}

    assert {reading: each.tax for reading, each in back.items()} == {
        "pro_rata": yuan("8.26"),
        "recomputed": yuan("8.27"),
    }
    assert {each.quota for each in back.values()} == {yuan("90.86")}


@pytest.mark.parametrize("reading", READINGS)
def test_a_part_rounded_up_never_gives_back_more_quota_than_a_value_finer_than_a_cent(
    reading: PartReturns,
) -> None:
    dear, cheap = a_line("0.20", "9503008900"), a_line("0.01", "9503008900")
    _, line = assessed(a_filing(dear, cheap, freight="0", insurance="1.1876")).working.lines

    parts = [(Decimal(0), Decimal(25)), (Decimal(25), ONE)]
    back = [
        give_back(line, Returned(quantity=Decimal(26), before=before, now=now), reading, yuan("0.70"))
        for before, now in parts
    ]

    assert line.dutiable_value == Decimal("0.0676")
    assert [each.quota for each in back] == [Decimal("0.0676"), Decimal(0)]


@st.composite
def splits(draw: st.DrawFn) -> list[Decimal]:
    """Parts of a line in the order in which they go back, in thousandths."""
    return [Decimal(n) / 1000 for n in draw(st.lists(st.integers(1, 5000), min_size=1, max_size=8))]


@settings(deadline=None)
@given(
    lines=orders,
    freight=charges,
    insurance=charges,
    split=st.lists(splits(), min_size=6, max_size=6),
    reading=st.sampled_from(sorted(READINGS)),
)
def test_returning_all_lines_in_any_split_gives_back_all_tax_and_quota(
    lines: list[GoodsLine], freight: str, insurance: str, split: list[list[Decimal]], reading: PartReturns
) -> None:
    made = assessed(a_filing(*lines, freight=freight, insurance=insurance))

    back = [
        give_back(
            line,
            Returned(quantity=sum(parts, Decimal(0)), before=sum(parts[:n], Decimal(0)), now=part),
            reading,
            made.working.factor,
        )
        for line, parts in zip(made.working.lines, split, strict=False)
        for n, part in enumerate(parts)
    ]

    assert sum((each.tax for each in back), Decimal(0)) == made.holding.tax_total
    assert sum((each.quota for each in back), Decimal(0)) == made.holding.quota_held
    for name in ("customs_duty", "consumption_tax", "value_added_tax"):
        levied = sum((getattr(line, name) for line in made.working.lines), Decimal(0))
        assert sum((getattr(each, name) for each in back), Decimal(0)) == levied
        assert all(getattr(each, name) >= 0 for each in back)
    assert all(each.quota >= 0 for each in back)


@pytest.mark.parametrize(("before", "now"), [("1", "1.1"), ("0", "2.1"), ("-1", "1"), ("3", "0")])
def test_no_more_goes_back_than_was_declared(before: str, now: str) -> None:
    with pytest.raises(ValueError, match="no more"):
        Returned(quantity=Decimal(2), before=Decimal(before), now=Decimal(now))
