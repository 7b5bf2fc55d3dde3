"""Dossier: all that every service keeps about one subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from audit.hearing import PLACE
from audit.ledger import Ledger, replay
from audit.rows import Case, Fact, Head, Waiting
from audit.story import Story, tell
from audit.where import SERVICES

Place = tuple[str, str]
"""Service and table."""


class Dossier:
    """Rows by service and table, and what the events among them tell."""

    def __init__(self, subject: str, now: datetime) -> None:
        self.subject, self.now = subject, now
        self.rows: dict[Place, list[Any]] = {}

    def add(self, place: Place, row: Any) -> None:
        """One row more."""
        self.rows.setdefault(place, []).append(row)

    def sort(self) -> None:
        """Facts in the order of their numbers."""
        for service in SERVICES:
            if facts := self.rows.get((service, "facts")):
                facts.sort(key=lambda fact: fact.seq)

    def of(self, service: str, table: str) -> Sequence[Any]:
        """The rows of a table."""
        return self.rows.get((service, table), ())

    def head(self, service: str) -> Head | None:
        """A service's head."""
        found = self.rows.get((service, "heads"))
        return found[0] if found else None

    def facts(self, service: str) -> Sequence[Fact]:
        """What a service has said, in order."""
        return self.rows.get((service, "facts"), ())

    def case(self) -> Case | None:
        """Clearance's case."""
        found = self.rows.get(("clearance", "cases"))
        return found[0] if found else None

    def heard(self, reader: str, source: str) -> int:
        """How far a service has heard another."""
        head = self.head(reader)
        return head.heard[PLACE[source]] if head else 0

    def parked(self, reader: str) -> list[Waiting]:
        """What a service has parked of this subject."""
        return [row for row in self.of(reader, "waiting") if row.state == "parked"]

    def is_stuck(self, reader: str, source: str) -> bool:
        """Whether a parked message stands where a service must go on."""
        following = self.heard(reader, source) + 1
        return any(row.source == source and row.seq == following for row in self.parked(reader))

    def has_heard_all(self, reader: str, source: str) -> bool:
        """Whether nothing that was said is still to come."""
        return self.heard(reader, source) >= len(self.facts(source))

    @cached_property
    def story(self) -> Story:
        """What the events tell."""
        return tell(self.facts)

    @cached_property
    def ledger(self) -> Ledger:
        """What tax's events leave of its money."""
        return replay(self.facts("tax"))

    @property
    def is_declaration(self) -> bool:
        """Whether it is about a declaration, not a party, a key, or a place on a topic."""
        return bool(self.story.filed or self.story.has_words or self.of("declaration", "declarations"))


def dossiers(rows: Iterable[tuple[Place, Iterable[Any]]], now: datetime) -> list[Dossier]:
    """The rows of some subjects, subject by subject, in their order."""
    found: dict[str, Dossier] = {}
    for place, of_table in rows:
        for row in of_table:
            dossier = found.get(row.subject)
            if dossier is None:
                dossier = found[row.subject] = Dossier(row.subject, now)
            dossier.add(place, row)
    for dossier in found.values():
        dossier.sort()
    return [found[subject] for subject in sorted(found)]
