"""Trace: the working as a person reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.tax.rows import assessment_row, read_working
from services.tax.trace import explain, recomputed
from tests.services.tax.cases import a_filing, a_line, assessed, at, with_rule_sets

WINE, SPIRITS, BAG = "2204210000", "2208200000", "4202210090"


def test_a_trace_shows_every_step_with_its_numbers() -> None:
    made = assessed(a_filing(a_line("600.00"), a_line("400.00", WINE), freight="50.00", insurance="10.00"))

    assert explain(made.working) == [
        "D of the order = goods 1000.00 + freight 50.00 + insurance 10.00 = 1060.00",
        "quota of 2025 before: 0.00 used, 0.00 reserved",
        "within the limits: no customs duty, 0.70 of the other taxes",
        "line 1: 9503008900 by heading 95; D = 600.00 + freight 30.00 + insurance 6.00 = 636.00",
        "line 1: value-added tax = (636.00 + 0 + 0) x 0.13 = 82.68; levied x 0.70 = 57.88",
        "line 2: 2204210000 by heading 2204; D = 400.00 + freight 20.00 + insurance 4.00 = 424.00",
        "line 2: consumption base = (424.00 + 0 + 0) / (1 - 0.10) = 471.1111",
        "line 2: consumption tax = 471.1111 x 0.10 + 0 = 47.1111; levied x 0.70 = 32.98",
        "line 2: value-added tax = (424.00 + 0 + 47.1111) x 0.13 = 61.2444; levied x 0.70 = 42.87",
        "total = 133.73",
    ]


def test_a_trace_shows_duty_above_the_limit_and_the_specific_tax_of_spirits() -> None:
    bag = explain(assessed(a_filing(a_line("8000.00", BAG))).working)
    spirits = a_line("450.00", SPIRITS, first_quantity=Decimal("0.7"), first_unit="l")

    assert "above the order limit: full tax, with customs duty" in bag
    assert "line 1: duty = 8000.00 x 0.06 = 480; levied 480.00" in bag
    assert "line 1: consumption base = (450.00 + 0 + 0.6384) / (1 - 0.20) = 563.298" in explain(
        assessed(a_filing(spirits)).working
    )


def test_full_tax_within_the_order_limit_is_not_explained_by_a_limit_or_by_duty() -> None:
    in_full = with_rule_sets(lambda rules: replace(rules, factor=Decimal(1)))

    told = explain(assessed(a_filing(a_line("600.00", BAG)), under=in_full).working)

    assert told[2] == "full tax"


def test_the_trace_of_a_refusal_names_the_rule_and_its_source() -> None:
    made = assessed(a_filing(a_line("3000.00"), a_line("3000.00")))

    last = explain(made.working)[-1]

    assert last.startswith("refused by must_fit_the_order_limit: dutiable value 6000.00 exceeds 5000.00")
    assert last.endswith("[Ministry of Finance, Customs, Taxation: notice 49/2018]")


@given(
    prices=st.lists(st.integers(min_value=1, max_value=250_000), min_size=1, max_size=6),
    freight=st.integers(min_value=0, max_value=9_999),
    code=st.sampled_from([WINE, SPIRITS, BAG, "9503008900"]),
    days=st.integers(min_value=0, max_value=3800),
)
def test_what_is_kept_is_enough_to_work_every_tax_out_again(
    prices: list[int], freight: int, code: str, days: int
) -> None:
    lines = [a_line(str(Decimal(price) / 100), code, first_unit="l") for price in prices]
    filed_at = at("2016-04-08T00:00:00+08:00") + timedelta(days=days)
    made = assessed(a_filing(*lines, freight=str(Decimal(freight) / 100), filed_at=filed_at))

    kept = read_working(assessment_row(made)["working"])

    assert [recomputed(line, kept.factor) for line in kept.lines] == list(made.working.lines)
    assert kept == made.working
