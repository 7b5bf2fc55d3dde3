"""Force: another law takes the place of the one before whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.tax.law import force
from services.tax.law.book import BUNDLED
from services.tax.law.calendar import BrokenLaw
from tests.services.tax.law.folders import a_folder

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""In China; in New York the day before is not over."""
TODAY = date(2026, 11, 22)
NEXT = """
[[rule_set]]
name = "CN-CBEC-2027-01-01"
channel = "cbec"
title = "Retail import by cross-border e-commerce"
valid_from = 2027-01-01
source = "a notice that a test made up"
confidence = "demo"
collected_by = "platform, seller or carrier, for the consumer"
order_limit = "8000.00"
one_item_may_exceed = true
year_limit = "30000.00"
listed_goods_only = true
factor = "0.70"
consumption = "tariff"
[rule_set.duty]
rate = "tariff"
above_limit_only = true
[rule_set.vat]
rate = "class"

# --- The postal route"""
OPEN = 'valid_from = 2019-01-01\nsource = "Ministry'
CLOSED = 'valid_from = 2019-01-01\nvalid_to = {}\nsource = "Ministry'


def forget() -> None:
    """As if no law had been read in this process."""
    force._FORCE.law, force._FORCE.folder, force._FORCE.refused = None, BUNDLED, ""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    forget()
    force.take(BUNDLED, NOON)
    yield
    forget()


def changed(folder: Path, before: str, after: str) -> Path:
    """The folder with one more text changed."""
    text = (folder / "cn.toml").read_text(encoding="utf-8")
    assert before in text
    (folder / "cn.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder


def test_a_change_of_law_comes_into_force_without_a_deploy(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "cn.toml", OPEN, CLOSED.format("2026-12-31"))
    changed(folder, "# --- The postal route", NEXT)

    force.take(folder, NOON)

    assert force.law().china.on(date(2026, 12, 31)).rule_sets["cbec"].name == "CN-CBEC-2019-01-01"
    assert force.law().china.on(date(2027, 1, 1)).rule_sets["cbec"].name == "CN-CBEC-2027-01-01"
    assert force.refused() == ""


def test_a_broken_folder_leaves_the_old_law_in_force_and_says_why(tmp_path: Path) -> None:
    before = force.law()
    folder = a_folder(tmp_path, "cn.toml", 'factor = "0.70"', 'factor = "7"')

    with pytest.raises(BrokenLaw, match=r"cn\.toml, line"):
        force.take(folder, NOON)

    assert force.law() is before
    assert "factor <= 1" in force.refused()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('order_limit = "5000.00"', 'order_limit = "6000.00"'),
        ('name = "CN-CBEC-2016-04-08"', 'name = "CN-CBEC-FIRST"'),
        (OPEN, CLOSED.format("2026-11-21")),
    ],
)
def test_what_has_been_in_force_is_never_rewritten(tmp_path: Path, before: str, after: str) -> None:
    folder = a_folder(tmp_path, "cn.toml", before, after)

    with pytest.raises(BrokenLaw, match="CN-CBEC-20"):
        force.take(folder, NOON)

    assert force.law().china.on(TODAY).rule_sets["cbec"].order_limit == 5000


def test_what_is_in_force_may_be_given_an_end_from_today_on(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "cn.toml", OPEN, CLOSED.format("2026-11-22"))

    force.take(folder, NOON)

    assert "cbec" not in force.law().china.on(date(2026, 11, 23)).rule_sets


@pytest.mark.parametrize(
    ("file", "begins", "moment", "is_past"),
    [
        ("us.toml", "2026-07-24", NOON, False),
        ("us.toml", "2026-07-24", NOON + timedelta(hours=1), True),
        ("nz.toml", "2019-12-01", NOON - timedelta(hours=18), False),
        ("nz.toml", "2019-12-01", NOON - timedelta(hours=17), True),
    ],
)
def test_today_is_that_of_the_country_whose_law_ends(
    tmp_path: Path, file: str, begins: str, moment: datetime, is_past: bool
) -> None:
    open_set = f"valid_from = {begins}"
    folder = a_folder(tmp_path, file, open_set, f"{open_set}\nvalid_to = 2026-11-21")

    if is_past:
        with pytest.raises(BrokenLaw, match="its end may be moved only from 2026-11-22 on"):
            force.take(folder, moment)
    else:
        assert force.take(folder, moment) is force.law()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('order_limit = "5000.00"', 'order_limit = "6000.00"'),
        ("valid_to = 2018-12-31", 'valid_to = 2018-12-31\nnote = "new"'),
        ('name = "CN-CBEC-2016-04-08"', 'name = "CN-CBEC-FIRST"'),
    ],
)
def test_a_process_does_not_begin_with_a_past_that_is_not_the_bundled_one(
    tmp_path: Path, before: str, after: str
) -> None:
    folder = a_folder(tmp_path, "cn.toml", before, after)
    forget()

    with pytest.raises(BrokenLaw, match=r"CN-CBEC-20.* has been in force since"):
        force.open_folder(folder, NOON)


def test_a_change_of_law_that_has_come_into_force_still_is_after_a_restart(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "cn.toml", OPEN, CLOSED.format("2026-12-31"))
    changed(folder, "# --- The postal route", NEXT)
    forget()

    force.open_folder(folder, NOON + timedelta(days=100))

    assert force.law().china.on(date(2027, 1, 1)).rule_sets["cbec"].name == "CN-CBEC-2027-01-01"
