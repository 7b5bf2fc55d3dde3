"""Rule book: read, dated, found by prefix."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.quarantine.rulebook import RuleError, bundled_rules, read_rules, table_of
from tests.support.builders import a_goods_line

A_RULE = """
rule_set = "T"
[due_days]
inspection = 1
document_review = 1
[[rules]]
name = "r"
effect = "inspection"
codes = ["06"]
papers = []
valid_from = 2020-01-01
valid_to = 2020-12-31
source = "s"
confidence = "L"
"""


def test_every_bundled_rule_names_its_source_and_how_sure_it_is() -> None:
    rules = bundled_rules().rules

    assert all(rule.source and rule.confidence in {"H", "M", "L"} for rule in rules)
    assert all(rule.effect == "refuse" or rule.effect in bundled_rules().due_days for rule in rules)


def test_every_bundled_rule_is_in_force_on_its_first_and_last_day() -> None:
    book = bundled_rules()

    for rule in book.rules:
        first = table_of(book, rule.valid_from)
        assert rule in first.by_prefix[rule.codes[0]]
        before = table_of(book, rule.valid_from - timedelta(days=1))
        assert rule not in before.by_prefix.get(rule.codes[0], ())


def test_a_rule_ends_with_its_last_day() -> None:
    book = read_rules(A_RULE)

    assert table_of(book, date(2020, 12, 31)).rules_for(a_goods_line(goods_code="0601109900"))
    assert not table_of(book, date(2021, 1, 1)).rules_for(a_goods_line(goods_code="0601109900"))


def test_a_prefix_of_six_digits_means_only_its_goods() -> None:
    table = table_of(bundled_rules(), date(2025, 6, 2))

    names = [rule.name for rule in table.rules_for(a_goods_line(goods_code="1901900000"))]

    assert names == ["prepared_food_needs_a_paper"]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('effect = "inspection"', 'effect = "guess"'),
        ('codes = ["06"]', 'codes = ["6"]'),
        ('codes = ["06"]', "codes = []"),
        ('codes = ["06"]', 'codes = ["ab"]'),
        ("valid_to = 2020-12-31", "valid_to = 2019-12-31"),
        ('confidence = "L"', 'confidence = "?"'),
        ('source = "s"', ""),
    ],
)
def test_a_rule_that_cannot_be_meant_stops_the_book(good: str, bad: str) -> None:
    with pytest.raises(RuleError, match="r:"):
        read_rules(A_RULE.replace(good, bad))


def test_two_rules_of_one_name_stop_the_book() -> None:
    again = A_RULE[A_RULE.index("[[rules]]") :]

    with pytest.raises(RuleError, match="two rules"):
        read_rules(A_RULE + again)
