"""Retail: the law of filings says only what filings are assessed by."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from services.tax.law.book import read_law
from services.tax.law.calendar import BrokenLaw
from services.tax.law.retail import RULE_SET
from services.tax.law.schema import Duty, Readings, RuleSet, ValueAddedTax
from tests.services.tax.law.folders import a_folder, line_of

SET = "listed_goods_only = true"
DUTY = "above_limit_only = true"
VAT = '[rule_set.vat]\nrate = "class"'
UNASSESSABLE = {
    "currency": ('currency = "CNY"', 'currency = "USD"'),
    "minor": ('currency = "CNY"', 'currency = "CNY"\nminor = "1"'),
    "zone": ('zone = "Asia/Shanghai"', 'zone = "Asia/Tokyo"'),
    "limit_on": (SET, f'{SET}\nlimit_on = "goods"'),
    "limit_each": (SET, f'{SET}\nlimit_each = "piece"'),
    "limit_currency": (SET, f'{SET}\nlimit_currency = "USD"'),
    "listed_goods_only": ("listed_goods_only = true", "listed_goods_only = false"),
    "dispatched_from": (SET, f'{SET}\ndispatched_from = ["HK"]'),
    "not_dispatched_from": (SET, f'{SET}\nnot_dispatched_from = ["HK"]'),
    "not_of_origin": (SET, f'{SET}\nnot_of_origin = ["JP"]'),
    "waived_up_to": (SET, f'{SET}\nwaived_up_to = "50.00"'),
    "duty.rate": (f'rate = "tariff"\n{DUTY}', f'rate = "none"\n{DUTY}'),
    "duty.on": (DUTY, f'{DUTY}\non = "goods"'),
    "duty.surcharge": (DUTY, f'{DUTY}\nsurcharge = "0.10"'),
    "duty.each_subheading": (DUTY, f'{DUTY}\neach_subheading = "3.00"'),
    "duty.above_limit_only": (DUTY, "above_limit_only = false"),
    "duty.free_up_to": (DUTY, f'{DUTY}\nfree_up_to = "150.00"'),
    "consumption": ('consumption = "tariff"', 'consumption = "none"'),
    "vat.rate": (VAT, '[rule_set.vat]\nrate = "none"'),
    "vat.on": (VAT, f'{VAT}\non = "goods"'),
    "personal": (SET, f'{SET}\npersonal = "class"'),
}


@pytest.mark.parametrize("key", UNASSESSABLE)
def test_what_would_be_quoted_and_not_levied_is_no_law_of_filings(tmp_path: Path, key: str) -> None:
    before, after = UNASSESSABLE[key]
    folder = a_folder(tmp_path, "cn.toml", before, after)

    with pytest.raises(BrokenLaw) as broken:
        read_law(folder)

    said = next(line for line in after.splitlines() if line.startswith(f"{key.rpartition('.')[2]} = "))
    lines = (folder / "cn.toml").read_text(encoding="utf-8").splitlines()
    assert str(broken.value).startswith(f"cn.toml, line {lines.index(said) + 1}: ")
    assert f"a filing cannot be assessed by {key} = {said.rpartition(' = ')[2]}, only by " in str(
        broken.value
    )


LEVIED = {"order_limit", "year_limit", "one_item_may_exceed", "factor", "item_at_year_limit", "gift_lines"}
LEVIED |= {"limit_itself", "part_returns"}
OF_A_FLAT_DUTY = {"duty.digits", "vat_on_flat_duty"}
WORDS = {
    "name",
    "channel",
    "title",
    "source",
    "confidence",
    "note",
    "after_gap",
    "collected_by",
    "needs",
    "vat.name",
}


def test_a_key_of_a_rule_set_is_read_by_filings_or_has_the_one_value_that_they_take_for_granted() -> None:
    parts = (("duty.", Duty), ("vat.", ValueAddedTax), ("", Readings), ("", RuleSet))
    keys = {f"{prefix}{each.name}" for prefix, kind in parts for each in fields(kind)}

    known = LEVIED | OF_A_FLAT_DUTY | WORDS | {"valid_from", "valid_to", "duty", "vat", "readings"}
    assert keys - known == set(RULE_SET)


def test_what_a_set_of_filings_leaves_out_is_refused_where_the_set_begins(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "cn.toml", "listed_goods_only = true\n", "")

    with pytest.raises(
        BrokenLaw,
        match=rf"line {line_of('cn.toml', '[[rule_set]]')}: CN-CBEC-2016-04-08: .* = false, only by true",
    ):
        read_law(folder)
