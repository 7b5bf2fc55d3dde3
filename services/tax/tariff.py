"""Tariff: rates by code of goods.

The longest prefix of a goods code that the tariff knows decides; the empty prefix covers all other goods. The
bundled tariff is a demonstration (`data/tariff-demo.csv`, provenance `demo` in every line): plausible rates
of the time since 2019-04-01, not the national tariff, which is not openly available. A real one takes its
place as a file of the same columns.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path


class BrokenTariff(ValueError):
    """A tariff file is not consistent: it stays out of force as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The statutory rates of one heading. Parts of 1; specific tax in CNY a litre."""

    hs_prefix: str
    goods: str
    duty: Decimal
    """Most-favoured-nation customs duty: levied above the order limit only."""
    vat: Decimal
    consumption: Decimal
    """Consumption tax on the value."""
    specific_per_litre: Decimal
    """Consumption tax on the quantity, beside that on the value."""
    high_end_per_g: Decimal | None = None
    """Consumption tax is due only from this dutiable price on, CNY a gram or millilitre."""
    high_end_per_piece: Decimal | None = None
    """The same by the piece; where both are given, for goods that carry no weight or volume."""
    confidence: str

    def __post_init__(self) -> None:
        if self.duty < 0 or not 0 <= self.vat <= 1 or not 0 <= self.consumption < 1:
            raise ValueError("needs 0 <= duty, 0 <= vat <= 1 and 0 <= consumption < 1")
        if self.specific_per_litre < 0:
            raise ValueError("needs 0 <= specific_per_litre")

    @property
    def is_high_end_only(self) -> bool:
        """Whether only the dear goods of the heading bear consumption tax."""
        return self.high_end_per_g is not None or self.high_end_per_piece is not None


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rates by prefix, and the name under which an assessment remembers them."""

    name: str
    rates: dict[str, Rate]
    lengths: tuple[int, ...]
    """Lengths of prefix that occur, longest first."""

    def rate_of(self, goods_code: str) -> Rate:
        """The rate of the longest prefix known."""
        for length in self.lengths:
            rate = self.rates.get(goods_code[:length])
            if rate is not None:
                return rate
        raise LookupError(f"tariff {self.name} has no line for {goods_code}")


def read_tariff(path: Path) -> Tariff:
    """The tariff of a file, checked; raises `BrokenTariff` with the line."""
    rates: dict[str, Rate] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                rate = _rate(row)
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                raise BrokenTariff(f"{path.name}, line {line}: {error}") from error
            if rate.hs_prefix in rates:
                raise BrokenTariff(f"{path.name}, line {line}: {rate.hs_prefix!r} is there already")
            rates[rate.hs_prefix] = rate
    lengths = tuple(sorted({len(prefix) for prefix in rates}, reverse=True))
    return Tariff(name=path.stem, rates=rates, lengths=lengths)


def _rate(row: dict[str, str]) -> Rate:
    return Rate(
        hs_prefix=row["hs_prefix"],
        goods=row["goods"],
        duty=Decimal(row["duty"]),
        vat=Decimal(row["vat"]),
        consumption=Decimal(row["consumption"]),
        specific_per_litre=Decimal(row["specific_per_litre"]),
        high_end_per_g=Decimal(row["high_end_per_g"]) if row["high_end_per_g"] else None,
        high_end_per_piece=Decimal(row["high_end_per_piece"]) if row["high_end_per_piece"] else None,
        confidence=row["confidence"],
    )
