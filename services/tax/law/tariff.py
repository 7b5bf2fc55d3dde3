"""Tariff: dated lines by code of goods, and the positive list.

The longest prefix of a goods code that the table knows decides; the empty prefix covers all other goods. The
bundled tables are demonstrations (confidence `demo` in every line): the real ones are not openly available. A real
one takes its place as a file of the same columns; `./sw law tariff` makes it from what a customs house publishes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from services.tax.law.calendar import BrokenLaw, Timeline
from services.tax.law.schema import ZERO, Confidence
from shared.kernel import written

HIGHEST_DUTY = Decimal(4)
"""Four times the value: more is a rate in per cent by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffLine:
    """What one heading bears, from a day to a day. Rates are parts of 1; specific tax is in the currency a litre."""

    hs_prefix: str
    valid_from: date
    valid_to: date | None = None
    goods: str
    duty: Decimal
    """Most-favoured-nation customs duty."""
    vat: str = "standard"
    """Class of value-added tax."""
    consumption: Decimal = ZERO
    """Consumption tax on the value."""
    specific_per_litre: Decimal = ZERO
    """Consumption tax on the quantity, beside that on the value."""
    high_end_per_g: Decimal | None = None
    """Consumption tax is due only from this dutiable price on, a gram or millilitre."""
    high_end_per_piece: Decimal | None = None
    """The same by the piece; where both are given, for goods that carry no weight or volume."""
    personal: str = ""
    """Class of the tax on personal articles (postal route)."""
    source: str
    confidence: str

    def __post_init__(self) -> None:
        _check_span(self.hs_prefix, self.valid_from, self.valid_to)
        if not 0 <= self.duty <= HIGHEST_DUTY or not 0 <= self.consumption < 1:
            raise ValueError(
                f"needs 0 <= duty <= {HIGHEST_DUTY} and 0 <= consumption < 1: parts of 1, 6.5 per cent is 0.065"
            )
        if self.specific_per_litre < 0:
            raise ValueError("needs 0 <= specific_per_litre")
        _check_confidence(self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Whether goods of a heading may come in by the retail channel, and on what note."""

    hs_prefix: str
    valid_from: date
    valid_to: date | None = None
    goods: str
    listed: str
    """yes or no."""
    year_quantity: Decimal | None = None
    """At most this much a person in a calendar year, in `year_unit`."""
    year_unit: str = ""
    source: str
    confidence: str

    def __post_init__(self) -> None:
        _check_span(self.hs_prefix, self.valid_from, self.valid_to)
        if self.listed not in ("yes", "no"):
            raise ValueError("listed reads yes or no")
        if (self.year_quantity is None) != (self.year_unit not in ("kg", "l", "piece")):
            raise ValueError("a year_quantity needs a year_unit: kg, l or piece")
        if self.year_quantity is not None and self.year_quantity <= 0:
            raise ValueError("needs 0 < year_quantity")
        _check_confidence(self.confidence)


def _check_span(prefix: str, begins: date, ends: date | None) -> None:
    if prefix and not (prefix.isdecimal() and prefix.isascii() and len(prefix) <= 10):
        raise ValueError(f"{prefix!r} is no prefix of a goods code: at most ten digits")
    if ends is not None and ends < begins:
        raise ValueError("ends before it begins")


def _check_confidence(word: str) -> None:
    if word not in get_args(Confidence):
        raise ValueError(f"confidence reads {', '.join(get_args(Confidence))}")


L = TypeVar("L", TariffLine, Listing)


@dataclass(frozen=True, slots=True)
class Table(Generic[L]):
    """Dated lines by prefix, and the name under which an assessment remembers them."""

    name: str
    lines: Mapping[str, Timeline[L]]

    def on(self, day: date) -> dict[str, L]:
        """The lines in force on a day, by prefix."""
        return {prefix: line for prefix, dated in self.lines.items() if (line := dated.on(day)) is not None}

    def changes(self) -> Iterator[date]:
        """The days from which something else holds."""
        for dated in self.lines.values():
            yield from dated.changes()


EMPTY: Table[Listing] = Table("", {})


def longest(lines: Mapping[str, L], goods_code: str) -> L | None:
    """The line of the longest prefix."""
    for length in range(len(goods_code), -1, -1):
        line = lines.get(goods_code[:length])
        if line is not None:
            return line
    return None


def read_table(path: Path, kind: type[L]) -> Table[L]:
    """The table of a CSV file, checked; raises `BrokenLaw` with the line."""
    found: dict[str, list[L]] = {}
    places: dict[int, int] = {}
    for number, line in _rows(path, kind):
        found.setdefault(line.hs_prefix, []).append(line)
        places[id(line)] = number
    if not found:
        raise BrokenLaw(f"{path.name} holds no line")
    lines = {prefix: Timeline(dated) for prefix, dated in found.items()}
    for dated in lines.values():
        if clash := dated.clash():
            older, newer = clash
            raise BrokenLaw(
                f"{path.name}, line {places[id(newer)]}: {newer.hs_prefix!r} holds already on "
                f"{newer.valid_from}, by line {places[id(older)]}"
            )
    return Table(path.stem, lines)


def _rows(path: Path, kind: type[L]) -> Iterator[tuple[int, L]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            columns = set(rows.fieldnames or ())
            if wrong := columns ^ {field.name for field in fields(kind)}:
                raise BrokenLaw(
                    f"{path.name}, line 1: columns missing or unknown: {', '.join(sorted(wrong))}"
                )
            for row in rows:
                yield rows.line_num, _line(row, kind, f"{path.name}, line {rows.line_num}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenLaw(f"{path.name}: {error}") from error


def _line(row: dict[str, str], kind: type[L], place: str) -> L:
    given: dict[str, Any] = {}
    for field in fields(kind):
        text = row.get(field.name)
        try:
            if text is None or row.get(None):  # type: ignore[call-overload]
                raise ValueError("not as many cells as columns")
            if text.strip() or field.default is MISSING:
                given[field.name] = _READ[str(field.type)](text.strip())
        except ValueError as error:
            raise BrokenLaw(f"{place}, {field.name}: {error}") from error
    try:
        return kind(**given)
    except ValueError as error:
        raise BrokenLaw(f"{place}: {error}") from error


_READ: dict[str, Callable[[str], Any]] = {
    "str": str,
    "date": date.fromisoformat,
    "date | None": date.fromisoformat,
    "Decimal": written.amount_of,
    "Decimal | None": written.amount_of,
}
"""How the text of a cell becomes what the field is."""

read_tariff = partial(read_table, kind=TariffLine)
read_list = partial(read_table, kind=Listing)
