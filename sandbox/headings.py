"""Headings: tariff codes by keyword.

The first row of `data/hs-keywords.csv` whose keyword stands in the description as a word (or its plural) decides;
what no row knows gets the heading of other plastics. A table for trying out, not advice on classification.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from shared.kernel.goods import Unit

BUNDLED = Path(__file__).parent / "data" / "hs-keywords.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A ten-digit code, what it covers, and the unit in which the tariff counts it."""

    goods_code: str
    goods: str
    first_unit: Unit
    keyword: str = ""
    """The word that decided; empty for the default."""


DEFAULT = Heading(goods_code="3926909090", goods="other articles of plastics", first_unit="kg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many lines the table knows."""

    lines: int
    known: int

    @property
    def share(self) -> float:
        """Known lines as a part of one."""
        return self.known / self.lines if self.lines else 0.0


class Headings:
    """The keyword table of a file, in the order of its rows."""

    def __init__(self, headings: list[Heading]) -> None:
        self._rows = [(re.compile(_whole_word(heading.keyword)), heading) for heading in headings]
        self.of = cache(self._of)

    def _of(self, description: str) -> Heading:
        """The heading of a description."""
        text = description.upper()
        return next((heading for pattern, heading in self._rows if pattern.search(text)), DEFAULT)

    def coverage(self, descriptions: Iterable[str]) -> Coverage:
        """How many descriptions a row of the table knows."""
        known = [bool(self.of(description).keyword) for description in descriptions]
        return Coverage(lines=len(known), known=sum(known))


def _whole_word(keyword: str) -> str:
    return rf"(?<![A-Z]){re.escape(keyword)}(?:S|ES)?(?![A-Z])"


def read_headings(path: Path = BUNDLED) -> Headings:
    """The keyword table of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return Headings(
            [
                Heading(
                    goods_code=row["goods_code"],
                    goods=row["goods"],
                    first_unit=cast(Unit, row["first_unit"]),
                    keyword=row["keyword"],
                )
                for row in csv.DictReader(file)
            ]
        )
