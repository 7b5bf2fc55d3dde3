"""Law: read whole, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.tax.law import BUNDLED, BrokenLaw, NoLaw, law, read_law
from services.tax.tariff import BrokenTariff

SETS = (BUNDLED / "cn-cbec.toml").read_text(encoding="utf-8")
TARIFF = (BUNDLED / "tariff-demo.csv").read_text(encoding="utf-8")


def a_folder(tmp_path: Path, sets: str = SETS, tariff: str = TARIFF) -> Path:
    """A folder of rules."""
    (tmp_path / "cn-cbec.toml").write_text(sets, encoding="utf-8")
    (tmp_path / "tariff-demo.csv").write_text(tariff, encoding="utf-8")
    return tmp_path


def test_the_bundled_law_has_a_set_for_every_day_since_2016() -> None:
    assert law().on(date(2016, 4, 8)).name == "CN-CBEC-2016-04-08"
    assert law().on(date(2018, 12, 31)).name == "CN-CBEC-2016-04-08"
    assert law().on(date(2019, 1, 1)).name == "CN-CBEC-2019-01-01"


def test_before_the_first_set_nothing_is_guessed() -> None:
    with pytest.raises(NoLaw, match="2016-04-07"):
        law().on(date(2016, 4, 7))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("valid_to = 2018-12-31", "valid_to = 2018-12-30", "day after"),
        ("valid_to = 2018-12-31", "valid_to = 2019-06-30", "day after"),
        ("valid_to = 2018-12-31", "valid_to = 2015-12-31", "ends before"),
        (
            'order_limit = "5000.00"',
            'order_limit = "50000.00"',
            "CN-CBEC-2019-01-01.*order_limit <= year_limit",
        ),
        ('order_limit = "5000.00"', "", "CN-CBEC-2019-01-01.*order_limit"),
        ('factor = "0.70"', 'factor = "1.70"', "factor"),
        ('factor = "0.70"', 'factor = "much"', "CN-CBEC-2016-04-08"),
        ('factor = "0.70"', 'factor = "0.70"\ncolour = "red"', "colour"),
        ('gift_lines = "count"', 'gift_lines = "sometimes"', "gift_lines"),
        ("valid_from = 2019-01-01", "valid_from = 2019-13-01", "cn-cbec.toml"),
        (SETS, "", "no rule set"),
    ],
)
def test_a_broken_rule_set_is_refused_whole_and_named(
    tmp_path: Path, before: str, after: str, reason: str
) -> None:
    folder = a_folder(tmp_path, sets=SETS.replace(before, after))

    with pytest.raises(BrokenLaw, match=reason):
        read_law(folder)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("03,fish", "02,fish", "line 4: '02' is there already"),
        ("02,meat,0.12", "02,meat,twelve", "line 3"),
        ("02,meat,0.12,0.09,0,", "02,meat,0.12,0.09,1,", "line 3.*consumption < 1"),
        ("02,meat,0.12", "02,meat,-0.12", "line 3.*duty"),
    ],
)
def test_a_broken_tariff_is_refused_whole_with_its_line(
    tmp_path: Path, before: str, after: str, reason: str
) -> None:
    folder = a_folder(tmp_path, tariff=TARIFF.replace(before, after))

    with pytest.raises(BrokenTariff, match=reason):
        read_law(folder)
