"""Force: another law takes the place of the one before whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.tax.law import force
from services.tax.law.book import BUNDLED
from services.tax.law.calendar import BrokenLaw
from tests.services.tax.law.test_book import a_folder

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
year_limit = "30000.00"
factor = "0.70"

# --- The postal route"""
OPEN = 'valid_from = 2019-01-01\nsource = "Ministry'
CLOSED = 'valid_from = 2019-01-01\nvalid_to = {}\nsource = "Ministry'


def forget() -> None:
    """As if no law had been read in this process."""
    force._FORCE.law, force._FORCE.folder, force._FORCE.refused = None, BUNDLED, ""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    forget()
    force.take(BUNDLED, TODAY)
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

    force.take(folder, TODAY)

    assert force.law().china.on(date(2026, 12, 31)).rule_sets["cbec"].name == "CN-CBEC-2019-01-01"
    assert force.law().china.on(date(2027, 1, 1)).rule_sets["cbec"].name == "CN-CBEC-2027-01-01"
    assert force.refused() == ""


def test_a_broken_folder_leaves_the_old_law_in_force_and_says_why(tmp_path: Path) -> None:
    before = force.law()
    folder = a_folder(tmp_path, "cn.toml", 'factor = "0.70"', 'factor = "7"')

    with pytest.raises(BrokenLaw, match=r"cn\.toml, line"):
        force.take(folder, TODAY)

    assert force.law() is before
    assert "factor <= 1" in force.refused()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('order_limit = "5000.00"', 'order_limit = "6000.00"'),
        ('name = "CN-CBEC-2016-04-08"', 'name = "CN-CBEC-FIRST"'),
        (OPEN, CLOSED.format("2026-11-20")),
    ],
)
def test_what_has_been_in_force_is_never_rewritten(tmp_path: Path, before: str, after: str) -> None:
    folder = a_folder(tmp_path, "cn.toml", before, after)

    with pytest.raises(BrokenLaw, match="CN-CBEC-20"):
        force.take(folder, TODAY)

    assert force.law().china.on(TODAY).rule_sets["cbec"].order_limit == 5000
