"""Dossier: all that every service keeps about one subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from audit.hearing import PLACE
from audit.ledger import Ledger, replay
from audit.returned import Returned
from audit.returned import replay as replay_returns
from audit.rows import Case, Fact, Head, Waiting
from audit.story import Story, tell

Place = tuple[str, str]
"""Service and table."""
_seq = attrgetter("seq")


class Dossier:
    """Rows by service and table, and what the events among them tell."""

    def __init__(self, subject: str, now: datetime) -> None:
        self.subject, self.now = subject, now
        self.said: dict[str, list[Fact]] = {}
        """By service, in the order of their numbers."""
        self.heads: dict[str, Head] = {}
        """By service."""
        self.rows: dict[Place, list[Any]] = {}
        """All others."""

    def add(self, place: Place, row: Any) -> None:
        """One row more."""
        service, table = place
        if table == "facts":
            self.said.setdefault(service, []).append(row)
        elif table == "heads":
            self.heads[service] = row
        else:
            self.rows.setdefault(place, []).append(row)

    def sort(self) -> None:
        """Facts in the order of their numbers."""
        for facts in self.said.values():
            if len(facts) > 1:
                facts.sort(key=_seq)

    def of(self, service: str, table: str) -> Sequence[Any]:
        """The rows of a table."""
        return self.rows.get((service, table), ())

    def facts(self, service: str) -> Sequence[Fact]:
        """What a service has said, in order."""
        return self.said.get(service, ())

    def services(self, table: str) -> list[str]:
        """Those that have rows in a table."""
        return [service for service, name in self.rows if name == table]

    def case(self) -> Case | None:
        """Clearance's case."""
        found = self.rows.get(("clearance", "cases"))
        return found[0] if found else None

    def heard(self, reader: str, source: str) -> int:
        """How far a service has heard another."""
        head = self.heads.get(reader)
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

    @cached_property
    def returned(self) -> Returned:
        """What the events tell of goods that go back."""
        return replay_returns(self.facts)

    @property
    def is_declaration(self) -> bool:
        """Whether it is about a declaration, not a party, a key, or a place on a topic."""
        return bool(self.story.filed or self.story.has_words or self.of("declaration", "declarations"))


def dossiers(rows: Iterable[tuple[Place, Iterable[Any]]], now: datetime) -> list[Dossier]:
    """The rows of some subjects, subject by subject, in their order."""
    found: dict[str, Dossier] = {}
    for place, of_table in rows:
        for row in of_table:
            dossier = found.get(row[0])
            if dossier is None:
                dossier = found[row[0]] = Dossier(row[0], now)
            dossier.add(place, row)
    for dossier in found.values():
        dossier.sort()
    return [found[subject] for subject in sorted(found)]
