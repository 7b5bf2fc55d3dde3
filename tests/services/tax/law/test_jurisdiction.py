"""Jurisdiction: which rate is a country's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from services.tax.law.book import read_law
from tests.services.tax.law.folders import a_folder

GENERAL = """[[rate]]
tax = "vat"
goods_class = "standard"
rate = "0.15"
valid_from = 2021-07-01
source = "For those that have none of their own"
confidence = "low"
"""


def test_a_countrys_own_rate_goes_before_the_general_one_wherever_that_stands(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    page = folder / "eu.toml"
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{GENERAL}", encoding="utf-8")

    assert read_law(folder).on(date(2026, 7, 1), "DE").rate_of("9503008900").vat == Decimal("0.19")
