"""Rates: the day's, or the last before it."""

from datetime import date
from decimal import Decimal

import pytest

from sandbox.rates import UnknownCurrency, read_rates


def test_a_day_has_its_own_rate() -> None:
    assert read_rates().of("GBP", date(2025, 12, 1)).cny == Decimal("9.38232")


def test_a_weekend_has_fridays_rate() -> None:
    assert read_rates().of("GBP", date(2025, 12, 7)).day == date(2025, 12, 5)


def test_before_the_first_day_the_first_rate_holds() -> None:
    assert read_rates().of("GBP", date(2010, 12, 1)).day == date(2025, 11, 24)


def test_yuan_is_worth_one() -> None:
    assert read_rates().of("CNY", date(2025, 12, 1)).cny == 1


def test_an_unknown_currency_is_named() -> None:
    with pytest.raises(UnknownCurrency, match="XAU"):
        read_rates().of("XAU", date(2025, 12, 1))
