"""Exchange: rates as dated data.

One line a period, units of each currency for one euro; two currencies cross by the euro. There is no rate for a
day that no line covers, and none is guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path

from services.tax.law.calendar import BrokenLaw, Timeline
from shared.kernel import written

EURO = "EUR"
EIGHT_DIGITS = Context(prec=8, rounding=ROUND_HALF_UP)
_DATES = ("valid_from", "valid_to", "published")


class NoRate(LookupError):
    """There is no rate of exchange: {0}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Units of each currency for one euro, from a day to a day."""

    valid_from: date
    valid_to: date
    published: date
    units: Mapping[str, Decimal]


class Exchange:
    """Every line of the file, oldest first."""

    def __init__(self, lines: Iterable[Rates] = (), source: str = "") -> None:
        self._lines = Timeline(list(lines))
        self.source = source
        self.currencies = frozenset(code for line in self._lines.things for code in line.units) | {EURO}

    def rate(self, given: str, wanted: str, day: date) -> Decimal:
        """Units of the wanted currency for one of the given, to eight significant digits."""
        if given == wanted:
            return Decimal(1)
        rates = self._lines.on(day)
        if rates is None:
            raise NoRate(f"no rates of exchange are kept for {day}")
        units = {EURO: Decimal(1), **rates.units}
        for code in (given, wanted):
            if code not in units:
                raise NoRate(f"no rate of {code} is kept for {day}")
        return EIGHT_DIGITS.divide(units[wanted], units[given])

    def span(self) -> str:
        """From when to when there are rates, for a person."""
        lines = self._lines.things
        return f"{lines[0].valid_from} to {lines[-1].valid_to}" if lines else "never"

    def until(self) -> date | None:
        """The last day that has rates."""
        lines = self._lines.things
        return lines[-1].valid_to if lines else None


def read_exchange(path: Path) -> Exchange:
    """The rates of a CSV file; lines that start with # are their provenance. Raises `BrokenLaw` with the line."""
    text = path.read_text(encoding="utf-8").splitlines()
    source = " ".join(line.lstrip("# ") for line in text if line.startswith("#"))
    rows = csv.reader([line for line in text if not line.startswith("#")])
    first = next((number for number, line in enumerate(text, start=1) if not line.startswith("#")), 1)
    columns = next(rows, [])
    if columns[:3] != list(_DATES):
        raise BrokenLaw(f"{path.name}, line {first}: begins with the columns {', '.join(_DATES)}")
    lines = [_line(row, columns, f"{path.name}, line {number}") for number, row in enumerate(rows, first + 1)]
    if clash := Timeline(lines).clash():
        raise BrokenLaw(f"{path.name}: two lines hold on {clash[1].valid_from}")
    if gap := Timeline(lines).gap():
        raise BrokenLaw(f"{path.name}: no line holds between {gap[0].valid_to} and {gap[1].valid_from}")
    return Exchange(lines, source)


def _line(row: list[str], columns: list[str], place: str) -> Rates:
    try:
        begins, ends, published = map(date.fromisoformat, row[:3])
        cells = zip(columns[3:], row[3:], strict=True)
        units = {code: written.amount_of(cell) for code, cell in cells if cell}
    except ValueError as error:
        raise BrokenLaw(f"{place}: {error}") from error
    if ends < begins or not all(unit.is_finite() and unit > 0 for unit in units.values()):
        raise BrokenLaw(f"{place}: ends before it begins, or has a rate that is not above 0")
    return Rates(valid_from=begins, valid_to=ends, published=published, units=units)
