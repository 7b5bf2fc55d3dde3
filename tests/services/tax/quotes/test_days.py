"""Days: whose midnight decides, and what is refused for want of law or rates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.services.tax.cases import a_line
from tests.services.tax.quotes.asking import a_question, asked, codes


def test_a_day_whose_law_is_not_kept_is_refused_and_nothing_is_guessed() -> None:
    question = a_question(to=("US",), on=date(2025, 10, 1), currency="USD")

    assert codes(question) == [("E-LAW-NONE", "/on")]


@pytest.mark.parametrize(
    ("overrides", "code", "pointer"),
    [
        ({"to": ("BR",)}, "E-LAW-NONE", "/to/0"),
        ({"on": date(2016, 4, 7)}, "E-LAW-NONE", "/on"),
        ({"on": date(2026, 11, 23)}, "E-QUOTE-DATE", "/on"),
        ({"currency": "XAU"}, "E-RATE-CURRENCY", "/currency"),
        ({"currency": "BGN"}, "E-RATE-DATE", "/on"),
    ],
)
def test_what_cannot_be_answered_names_its_place(
    overrides: dict[str, object], code: str, pointer: str
) -> None:
    assert (code, pointer) in codes(a_question(**overrides))


def test_a_month_without_rates_of_exchange_is_refused() -> None:
    question = a_question(on=None, currency="GBP")

    assert codes(question, datetime(2027, 2, 1, tzinfo=UTC)) == [("E-RATE-DATE", "/on")]
    assert codes(a_question(on=None), datetime(2027, 2, 1, tzinfo=UTC)) == []


def test_today_is_the_day_in_the_countrys_own_zone() -> None:
    midnight = datetime(
        2026, 6, 30, 22, 30, tzinfo=UTC
    )  # July in Berlin and Auckland, June in Lisbon and New York
    question = a_question(a_line("30.00"), to=("DE", "PT", "NZ"), on=None, currency="EUR")

    found = asked(question, midnight)

    assert found["DE/ioss"].on == date(2026, 7, 1)
    assert found["DE/ioss"].rules.name == "EU-IOSS-2026-07-01"
    assert found["PT/ioss"].rules.name == "EU-IOSS-2021-07-01"
    assert found["NZ/low-value"].on == date(2026, 7, 1)


def test_rates_of_exchange_are_those_of_the_very_day() -> None:
    days = (date(2026, 3, 1), date(2026, 11, 20))

    rates = [asked(a_question(to=("JP",), on=day, currency="EUR"))["JP/standard"].rate for day in days]

    assert rates == [Decimal("184.13"), Decimal("175.68")]  # European Central Bank, 2026-02-27 and 2026-10-30


def test_a_day_that_has_come_in_one_country_only_is_refused_for_the_other() -> None:
    midnight = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # the 22nd in Auckland
    question = a_question(to=("NZ", "GB"), on=date(2026, 11, 22), currency="EUR")

    (fault,) = codes(question, midnight)

    assert fault == ("E-QUOTE-DATE", "/on")
