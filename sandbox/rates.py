"""Rates: CNY per unit, by day.

The bundled file holds the reference rates of the European Central Bank, crossed by the euro. The rate of a day is
the last one published on or before it; before the first, the first.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

BUNDLED = Path(__file__).parent / "data" / "rates.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one unit of a currency was worth on a day."""

    day: date
    currency: str
    cny: Decimal


class UnknownCurrency(LookupError):
    """The rate file has no line for this currency."""


class Rates:
    """The rates of a file."""

    def __init__(self, rates: list[Rate]) -> None:
        self._by_currency: dict[str, list[Rate]] = {}
        for rate in sorted(rates, key=lambda rate: rate.day):
            self._by_currency.setdefault(rate.currency, []).append(rate)

    def of(self, currency: str, day: date) -> Rate:
        """The rate in force on a day."""
        if currency == "CNY":
            return Rate(day=day, currency="CNY", cny=Decimal(1))
        if currency not in self._by_currency:
            raise UnknownCurrency(currency)
        rates = self._by_currency[currency]
        return rates[max(0, bisect_right(rates, day, key=lambda rate: rate.day) - 1)]


def read_rates(path: Path = BUNDLED) -> Rates:
    """The rates of a CSV file (date, currency, cny); lines that start with # are its provenance."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return Rates(
            [
                Rate(day=date.fromisoformat(row["date"]), currency=row["currency"], cny=Decimal(row["cny"]))
                for row in rows
            ]
        )
