"""Notes: yearly quantities of noted goods, from the declarations that ask for them.

What a version asks for is worked out from its submission and the positive list as data; whether it holds that, from
tax's events; what goods that are back had of it counts no more. No code of tax is asked. The year is that of the
filing in Asia/Shanghai; quantities in the note's unit.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.ledger import HOLDING
from audit.piles import Pile
from audit.quota import SHANGHAI
from audit.refunds import REFUNDED, part_of
from audit.told import Line

LIST = Path(__file__).parents[1] / "services" / "tax" / "data" / "positive-list-cn-demo.csv"
NOTES = "select buyer, year, goods, unit, reserved, used from year_notes"
MEASURE = Decimal("0.00000001")
SCALE = 1 / MEASURE
"""Quantities are summed as whole numbers of a hundred-millionth: a gram of five digits in kilograms has eight."""
_INTO = {
    ("kg", "kg"): Decimal(1),
    ("g", "kg"): Decimal("0.001"),
    ("l", "l"): Decimal(1),
    ("ml", "l"): Decimal("0.001"),
    ("piece", "piece"): Decimal(1),
}


class Note(NamedTuple):
    """A line of the positive list; most have no quantity."""

    prefix: str
    begins: date
    ends: date
    allowed: Decimal | None
    unit: str


@dataclass(slots=True)
class Sums:
    """One buyer's year of one kind of noted goods."""

    kept: tuple[int, int] = (0, 0)
    reserved: int = 0
    used: int = 0
    subjects: list[str] = field(default_factory=list)
    """Some of the declarations in it."""


class Notes:
    """Yearly quantities kept, and what declarations hold of them."""

    def __init__(self, pile: Pile) -> None:
        self._pile = pile

    def reads(self) -> Sequence[Read]:
        """The yearly quantities."""
        return [Read("tax", NOTES, self.keep)]

    def keep(self, *row: Any) -> None:
        """A row of tax's."""
        buyer, year, goods, unit, reserved, used = row
        amounts = int(reserved * SCALE), int(used * SCALE)
        self._pile.add(buyer.encode(), ("kept", buyer, year, goods, unit, *amounts, ""))

    def take(self, of: Dossier) -> None:
        """What the versions of a declaration hold."""
        for version, held in of.ledger.holdings.items():
            filed = of.story.filed.get(version)
            if held.status in HOLDING and filed is not None and filed.filed_at is not None:
                used = held.status == "COMMITTED"
                year = filed.filed_at.astimezone(SHANGHAI).year
                gone = given_back(of) if used else {}
                for (goods, unit), quantity in asked_for(filed.lines, filed.filed_at, gone).items():
                    amount = int(quantity * SCALE)
                    amounts = (0, amount) if used else (amount, 0)
                    record = ("held", filed.buyer, year, goods, unit, *amounts, of.subject)
                    self._pile.add(filed.buyer.encode(), record)

    def breaches(self) -> Iterator[Breach]:
        """Buyer by buyer."""
        for records in self._pile.each():
            sums: dict[tuple[str, int, str, str], Sums] = defaultdict(Sums)
            for kind, buyer, year, goods, unit, *rest in records:
                _sum(sums[buyer, year, goods, unit], kind, rest)
            for key, each in sums.items():
                yield from _faults(key, each)

    def counts(self) -> dict[str, Any]:
        """Nothing that is not in others."""
        return {}


def _sum(sums: Sums, kind: str, rest: Sequence[Any]) -> None:
    reserved, used, subject = rest
    if kind == "kept":
        sums.kept = reserved, used
        return
    sums.reserved += reserved
    sums.used += used
    if len(sums.subjects) < 5:
        sums.subjects.append(subject)


def _faults(key: tuple[str, int, str, str], sums: Sums) -> Iterator[Breach]:
    buyer, year, goods, unit = key
    ids = (f"{buyer}/{year}/{goods}", *sums.subjects)
    if sums.kept != (sums.reserved, sums.used):
        kept, said = _shown(*sums.kept, unit), _shown(sums.reserved, sums.used, unit)
        yield Breach("noted-goods-add-up", ids, f"tax keeps {kept}; declarations hold {said}")
    allowed = [note.allowed for note in positive_list() if note.prefix == goods and note.allowed is not None]
    held = max(sum(sums.kept), sums.reserved + sums.used)
    if allowed and held > max(allowed) * SCALE:
        yield Breach(
            "noted-goods-stay-within-the-note", ids, f"{held / SCALE} of {max(allowed)} {unit} are taken"
        )


def _shown(reserved: int, used: int, unit: str) -> str:
    return f"reserved {reserved / SCALE} {unit}, used {used / SCALE} {unit}"


def given_back(of: Dossier) -> dict[int, Decimal]:
    """How much of each line is back, by the returns that tax has refunded; in the line's unit."""
    refunded = {fact.told.request_id for fact in of.facts("tax") if fact.type == REFUNDED and fact.told}
    gone: dict[int, Decimal] = defaultdict(Decimal)
    for each in of.returned.completed():
        for part in each.parts if each.request_id in refunded else ():
            gone[part.line_no] += part.quantity
    return gone


def asked_for(
    lines: Sequence[Line], filed_at: datetime, gone: Mapping[int, Decimal]
) -> dict[tuple[str, str], Decimal]:
    """What lines ask for of each note, less what of them is gone: by its prefix and unit."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    day = filed_at.astimezone(SHANGHAI).date()
    for line in lines:
        note = _note_of(line.goods_code, day)
        if note is not None and note.allowed is not None:
            quantity = _quantity(line, note.unit)
            back = part_of(quantity, gone.get(line.line_no, Decimal(0)), line.quantity, MEASURE)
            found[note.prefix, note.unit] += quantity - back
    return found


@lru_cache(maxsize=100_000)
def _note_of(goods_code: str, day: date) -> Note | None:
    """The line of the list with the longest prefix."""
    found = [
        note
        for note in positive_list()
        if goods_code.startswith(note.prefix) and note.begins <= day <= note.ends
    ]
    return max(found, key=lambda note: len(note.prefix), default=None)


def _quantity(line: Line, unit: str) -> Decimal:
    """The first quantity of a line that is stated in a unit like this."""
    stated = (
        (line.first_quantity, line.first_unit),
        (line.second_quantity, line.second_unit),
        (line.quantity, line.unit),
    )
    for quantity, given in stated:
        if quantity is not None and (given, unit) in _INTO:
            return quantity * _INTO[given or "", unit]
    return Decimal(0)


@cache
def positive_list() -> tuple[Note, ...]:
    """The list that tax is run with."""
    rows = csv.DictReader(LIST.read_text(encoding="utf-8").splitlines())
    return tuple(
        Note(
            prefix=row["hs_prefix"],
            begins=date.fromisoformat(row["valid_from"]),
            ends=date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max,
            allowed=Decimal(row["year_quantity"]) if row["year_quantity"] else None,
            unit=row["year_unit"],
        )
        for row in rows
    )
