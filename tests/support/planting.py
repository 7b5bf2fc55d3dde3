"""Planting: one breach in a clean window, and which invariants it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.topics import SOURCES
from tests.support.builders import a_declaration_id
from tests.support.evidence import LATER, Evidence
from tests.support.six_ways import a_clean_window

Change = Callable[[Evidence], None]
LONG_AGO = LATER - timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Plant:
    """What is changed, and what that breaks."""

    change: Change
    breaks: frozenset[str]

    def __str__(self) -> str:
        return self.change.__name__

    def found(self, folder: Path) -> set[str]:
        """The invariants that the auditor names once it is planted; each with whom it is about, and a sentence."""
        evidence = a_clean_window()
        self.change(evidence)
        found = evidence.found(folder)
        assert all(breach.ids and breach.sentence for breach in found)
        return {breach.invariant for breach in found}


@dataclass(slots=True)
class Plants:
    """The plants of a file."""

    all: list[Plant] = field(default_factory=list)

    def break_(self, *invariants: str) -> Callable[[Change], Change]:
        """Note what is planted, and the invariants that it breaks."""

        def note(change: Change) -> Change:
            self.all.append(Plant(change, frozenset(invariants)))
            return change

        return note


def hear(e: Evidence, reader: str, source: str, number: int, seq: int) -> None:
    """Move a cursor."""
    heads = e.rows[reader, "heads"]
    place = next(i for i, head in enumerate(heads) if head.subject == a_declaration_id(number))
    heard = list(heads[place].heard)
    heard[SOURCES.index(source)] = seq
    heads[place] = heads[place]._replace(heard=heard)


def replace_row(e: Evidence, service: str, table: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
    """Another row in the place of one."""
    rows = e.tables[service, table]
    rows[rows.index(old)] = new


def forget(e: Evidence, service: str, number: int, seq: int) -> None:
    """A fact that was never said, and that nobody has heard."""
    e.lose(service, "facts", number)
    name = f"{a_declaration_id(number)}/{seq}".encode()
    e.records[service] = [each for each in e.records[service] if dict(each.headers)["ce_id"] != name]
    e.settle()


def ask_for_sugar(e: Evidence, number: int, kilograms: str) -> None:
    """A filing that was of sugar from the beginning."""

    def sweet(event: DeclarationSubmitted) -> DeclarationSubmitted:
        line = replace(event.lines[0], goods_code="1701990000", first_unit="kg")
        return replace(event, lines=(replace(line, first_quantity=Decimal(kilograms)),))

    e.retell("declaration", number, 1, sweet)
