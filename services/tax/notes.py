"""Notes: how much of noted goods a person may have in a year.

The positive list lets a person have sugar and rice by the kilogram and calendar year (Asia/Shanghai). Two-phase like
the quota in money: reserved at filing, used at release, given back when the filing ends without a permit, and by the
part when goods return. Only goods with a note have a row; the quantity that is allowed is the list's, so it is an
argument, never a column. Source: customs questions and answers, 2025-11 (M); that returned goods count no more is our
reading (L).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from services.tax.law.calendar import day_of
from services.tax.law.jurisdiction import Jurisdiction, NoLaw, Rate
from services.tax.law.tariff import Listing
from services.tax.levy import KILOGRAMS, LITRES, ONE, PIECES, measured
from shared.kernel.goods import GoodsLine
from shared.kernel.money import ZERO

UNITS = {"kg": KILOGRAMS, "l": LITRES, "piece": PIECES}
Marked = Iterable[tuple[GoodsLine, Rate]]


class NoteKey(NamedTuple):
    """What a year's note is found by."""

    buyer: str
    year: int
    goods: str
    """The prefix of the list that the note stands at."""
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """How much of noted goods one version asks for."""

    goods: str
    unit: str
    quantity: Decimal
    by_line: Mapping[int, Decimal] = field(default_factory=dict)
    """The same, line by line; nothing where an earlier release has not kept it, and then a return gives none back."""

    def key(self, buyer: str, year: int) -> NoteKey:
        """Of whose year."""
        return NoteKey(buyer, year, self.goods, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearNote:
    """One buyer's year of one kind of noted goods, in the note's unit."""

    key: NoteKey
    reserved: Decimal = ZERO
    """Filed and not decided."""
    used: Decimal = ZERO
    """Released."""

    def left(self, allowed: Decimal) -> Decimal:
        """What may still be filed."""
        return plain(max(allowed - self.used - self.reserved, ZERO))

    def moved(self, *, reserved: Decimal = ZERO, used: Decimal = ZERO) -> YearNote:
        """After a movement. More can never be taken back than is there."""
        after = replace(self, reserved=plain(self.reserved + reserved), used=plain(self.used + used))
        if after.reserved < 0 or after.used < 0:
            raise ValueError(f"the note of {self.key.goods} for {self.key.year} would become negative")
        return after


class Asking(Protocol):
    """What notes read of a submitted version."""

    @property
    def buyer(self) -> str: ...
    @property
    def filed_at(self) -> datetime: ...
    @property
    def lines(self) -> tuple[GoodsLine, ...]: ...


def noted_in(marked: Marked) -> dict[Listing, Noted]:
    """What some lines ask for of each note, in the note's unit; a line that states no such unit adds nothing."""
    found: dict[Listing, Noted] = {}
    for line, rate in marked:
        listing = rate.listing
        if listing is not None and listing.year_quantity is not None:
            before = found.get(listing) or Noted(
                goods=listing.hs_prefix, unit=listing.year_unit, quantity=ZERO
            )
            asked = plain(in_unit(line, listing.year_unit))
            found[listing] = replace(
                before,
                quantity=plain(before.quantity + asked),
                by_line={**before.by_line, line.line_no: asked},
            )
    return found


def in_unit(line: GoodsLine, unit: str) -> Decimal:
    """The quantity of a line in a unit of the list; 0 where it is stated in no such unit."""
    return measured(line, UNITS[unit])


def note_keys(filings: Iterable[Asking], china: Jurisdiction) -> set[NoteKey]:
    """The years of noted goods that filings touch; none for nearly all of them."""
    return {key for filing in filings for key in _keys(filing, china)}


def _keys(filing: Asking, china: Jurisdiction) -> Iterable[NoteKey]:
    day = day_of(filing.filed_at)
    statute = china.on(day)
    try:
        marked = [
            (line, rate) for line in filing.lines if (rate := statute.rate_of(line.goods_code)).is_marked
        ]
    except NoLaw:
        return []
    return [noted.key(filing.buyer, day.year) for noted in noted_in(marked).values()]


def year_note(notes: Mapping[NoteKey, YearNote], key: NoteKey) -> YearNote:
    """A year as it is known; untouched where nothing is."""
    return notes.get(key) or YearNote(key=key)


def plain(quantity: Decimal) -> Decimal:
    """A quantity without zeros at its end, and without an exponent."""
    return quantity.quantize(ONE) if quantity == quantity.to_integral_value() else quantity.normalize()
