"""Book: the law is read whole, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.tax.law.book import read_law
from services.tax.law.calendar import BrokenLaw
from services.tax.law.force import law
from services.tax.law.jurisdiction import NoLaw
from tests.services.tax.law.folders import a_folder, line_of


def a_rate(day: date, goods_code: str = "9503008900", country: str = "CN") -> Decimal:
    """Value-added tax of goods on a day."""
    return law().on(day, country).rate_of(goods_code).vat


def retail_on(day: date) -> str:
    """The rule set of retail import on a day."""
    return law().china.on(day).rule_sets["cbec"].name


def test_the_bundled_law_has_a_retail_set_for_every_day_since_2016() -> None:
    assert retail_on(date(2016, 4, 8)) == "CN-CBEC-2016-04-08"
    assert retail_on(date(2018, 12, 31)) == "CN-CBEC-2016-04-08"
    assert retail_on(date(2019, 1, 1)) == "CN-CBEC-2019-01-01"


def test_before_the_first_set_nothing_is_guessed() -> None:
    assert law().china.on(date(2016, 4, 7)).rule_sets == {}
    with pytest.raises(NoLaw, match="tariff-cn-demo has no line for 9503008900 on that day"):
        law().china.on(date(2016, 4, 7)).rate_of("9503008900")


@pytest.mark.parametrize(
    ("day", "standard", "reduced"),
    [
        (date(2016, 4, 8), "0.17", "0.13"),
        (date(2017, 6, 30), "0.17", "0.13"),
        (date(2017, 7, 1), "0.17", "0.11"),
        (date(2018, 4, 30), "0.17", "0.11"),
        (date(2018, 5, 1), "0.16", "0.10"),
        (date(2019, 3, 31), "0.16", "0.10"),
        (date(2019, 4, 1), "0.13", "0.09"),
        (date(2026, 11, 22), "0.13", "0.09"),
    ],
)
def test_value_added_tax_follows_the_day(day: date, standard: str, reduced: str) -> None:
    assert a_rate(day, "9503008900") == Decimal(standard)
    assert a_rate(day, "0402210000") == Decimal(reduced)


def test_the_rate_of_a_member_state_is_its_own() -> None:
    assert a_rate(date(2026, 7, 1), country="DE") == Decimal("0.19")
    assert a_rate(date(2026, 7, 1), country="FI") == Decimal("0.255")
    assert a_rate(date(2024, 8, 31), country="FI") == Decimal("0.24")


def test_a_country_without_a_file_has_no_law() -> None:
    with pytest.raises(NoLaw, match="no law of BR"):
        law().on(date(2026, 1, 1), "BR")


FIRST, SECOND = "CN-CBEC-2016-04-08", "CN-CBEC-2019-01-01"


@pytest.mark.parametrize(
    ("before", "after", "at", "reason"),
    [
        (
            "valid_to = 2018-12-31",
            "valid_to = 2018-12-30",
            "valid_from = 2019-01-01",
            f"{SECOND}: must begin",
        ),
        (
            "valid_to = 2018-12-31",
            "valid_to = 2019-06-30",
            "valid_from = 2019-01-01",
            f"{SECOND}: must begin",
        ),
        (
            "valid_to = 2018-12-31",
            "valid_to = 9999-12-31",
            "valid_from = 2019-01-01",
            f"{SECOND}: must begin on the day after {FIRST} ends (9999-12-31)",
        ),
        ("valid_to = 2018-12-31", "valid_to = 2015-12-31", "[[rule_set]]", f"{FIRST}: ends before it begins"),
        ('year_limit = "20000.00"', 'year_limit = "200.00"', "[[rule_set]]", "order_limit <= year_limit"),
        ('factor = "0.70"', 'factor = "1.70"', "[[rule_set]]", "factor <= 1"),
        ('factor = "0.70"', 'factor = "much"', 'factor = "0.70"', "factor"),
        ('factor = "0.70"', "factor = 0.70", 'factor = "0.70"', 'factor needs quotes: "0.70"'),
        ('factor = "0.70"', 'colour = "red"', 'factor = "0.70"', "colour is not known here"),
        ('gift_lines = "count"', 'gift_lines = "sometimes"', 'gift_lines = "count"', "gift_lines"),
        ('collected_by = "platform', 'collected = "platform', "collected_by", "collected is not known here"),
        ('confidence = "high"', 'confidence = "sure"', 'confidence = "high"', "confidence"),
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Atlantis"', "zone =", "no time zone 'Asia/Atlantis'"),
        ("[[list_edition]]", "[[edition]]", "[[list_edition]]", "edition is not known here"),
        ('rate = "0.17"', 'rate = "17"', "[[rate]]", "0 <= rate <= 1"),
        ('rate = "0.17"', 'rate = "\uff10.17"', 'rate = "0.17"', "rate is no number"),
        (
            'waived_up_to = "50.00"',
            'waived_up_to = "NaN"',
            'waived_up_to = "50.00"',
            "waived_up_to is no number",
        ),
    ],
)
def test_a_broken_rule_set_is_refused_whole_with_its_line(
    tmp_path: Path, before: str, after: str, at: str, reason: str
) -> None:
    folder = a_folder(tmp_path, "cn.toml", before, after)

    with pytest.raises(BrokenLaw) as broken:
        read_law(folder)

    assert str(broken.value).startswith(f"cn.toml, line {line_of('cn.toml', at)}: ")
    assert reason in str(broken.value)


@pytest.mark.parametrize("minor", ["0", "-0.01", "0.05"])
def test_a_smallest_amount_that_no_currency_has_is_refused_with_its_line(tmp_path: Path, minor: str) -> None:
    folder = a_folder(tmp_path, "jp.toml", 'minor = "1"', f'minor = "{minor}"')

    with pytest.raises(BrokenLaw, match=rf"jp\.toml, line {line_of('jp.toml', 'minor =')}: Japan: "):
        read_law(folder)


def test_a_set_may_hold_to_the_last_day_there_is(tmp_path: Path) -> None:
    begins = "valid_from = 2019-01-01"
    folder = a_folder(tmp_path, "cn.toml", begins, f"{begins}\nvalid_to = 9999-12-31")

    assert read_law(folder).china.on(date.max).rule_sets["cbec"].name == SECOND


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "gb.toml", "valid_from = 2021-01-01", "valid_from = 2021-13-01")

    with pytest.raises(BrokenLaw, match=r"gb\.toml: .*line"):
        read_law(folder)


def test_two_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "gb.toml", "GB-LOW-2021-01-01", "CN-CBEC-2016-04-08")

    with pytest.raises(BrokenLaw, match="same name for two rule sets: CN-CBEC-2016-04-08"):
        read_law(folder)


def test_a_gap_with_a_reason_is_law_and_answers_with_none(tmp_path: Path) -> None:
    assert "entry" not in law().on(date(2025, 9, 1), "US").rule_sets
    assert law().on(date(2026, 2, 24), "US").rule_sets["entry"].duty.surcharge == Decimal("0.10")
    folder = a_folder(tmp_path, "us.toml", "after_gap", "note_of_gap")

    with pytest.raises(BrokenLaw, match="note_of_gap is not known"):
        read_law(folder)


@pytest.mark.parametrize(
    ("file", "before", "after", "reason"),
    [
        (
            "tariff-cn-demo.csv",
            "\n03,2016",
            "\n02,2016",
            "line 4: '02' holds already on 2016-04-08, by line 3",
        ),
        (
            "tariff-cn-demo.csv",
            "02,2016-04-08,,meat,0.12",
            "02,2016-04-08,,meat,twelve",
            "line 3, duty: 'twelve'",
        ),
        (
            "tariff-cn-demo.csv",
            "02,2016-04-08,,meat,0.12",
            "02,2016-04-08,,meat,-0.12",
            "line 3: needs 0 <= duty",
        ),
        ("tariff-cn-demo.csv", "02,2016-04-08,,meat,0.12", "02,2016-04-08,,meat,NaN", "line 3, duty: 'NaN'"),
        ("tariff-cn-demo.csv", "meat,0.12", "meat,0_1", "line 3, duty: '0_1' is no number"),
        ("tariff-cn-demo.csv", "meat,0.12", "meat,6.5", "6.5 per cent is 0.065"),
        (
            "tariff-cn-demo.csv",
            "meat,0.12,reduced",
            "meat,0.12,superb",
            "no rate of vat is kept for class 'superb'",
        ),
        ("tariff-cn-demo.csv", "02,2016-04-08", "0x,2016-04-08", "line 3: '0x' is no prefix"),
        ("tariff-cn-demo.csv", "02,2016-04-08", "02,2016-04-31", "line 3, valid_from"),
        ("tariff-cn-demo.csv", "hs_prefix,", "hs_prefixes,", "line 1: columns missing or unknown"),
        ("tariff-cn-demo.csv", ",demonstration,demo\n02", ",demonstration,certain\n02", "line 2: confidence"),
        ("tariff-cn-demo.csv", ",demonstration,demo\n02", "\n02", "line 2"),
        ("positive-list-cn-demo.csv", ",no,", ",perhaps,", "line 3: listed reads yes or no"),
        ("positive-list-cn-demo.csv", ",20,kg,", ",20,,", "year_quantity needs a year_unit"),
        ("positive-list-cn-demo.csv", ",20,kg,", ",-20,kg,", "needs 0 < year_quantity"),
        ("exchange-rates.csv", "2016-04-30", "2016-04-29", "no line holds between 2016-04-29 and 2016-05-01"),
        ("exchange-rates.csv", "7.3514", "0", "line 4: ends before it begins, or has a rate"),
        ("exchange-rates.csv", "7.3514", "lots", "line 4"),
        ("exchange-rates.csv", "2016-04-30", "2016-05-31", "two lines hold on 2016-05-01"),
    ],
)
def test_a_broken_table_is_refused_whole_with_its_line(
    tmp_path: Path, file: str, before: str, after: str, reason: str
) -> None:
    folder = a_folder(tmp_path, file, before, after)

    with pytest.raises(BrokenLaw) as broken:
        read_law(folder)

    assert str(broken.value).startswith(file)
    assert reason in str(broken.value)


def test_a_folder_without_china_or_without_a_table_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "tariff-gb-demo.csv").unlink()

    with pytest.raises(BrokenLaw, match="tariff-gb-demo"):
        read_law(folder)
    with pytest.raises(BrokenLaw):
        read_law(tmp_path)


@pytest.mark.parametrize("file", ["exchange-rates.csv", "positive-list-cn-demo.csv", "cn.toml"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, file: str) -> None:
    folder = a_folder(tmp_path)
    (folder / file).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BrokenLaw):
        read_law(folder)


def test_a_smallest_amount_that_is_no_number_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "jp.toml", 'minor = "1"', 'minor = "one"')

    with pytest.raises(BrokenLaw):
        read_law(folder)
