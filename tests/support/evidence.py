"""Evidence: rows of a clean window, in small.

Six declarations, each another way through: permitted, waiting for its carrier, cancelled, amended and permitted,
refused by quarantine, its guarantee waived. What a test plants in them is all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from audit.breach import Breach
from audit.dossier import Dossier, Place, dossiers
from audit.examination import Examination
from audit.rows import Fact, Head
from audit.told import read_told
from audit.topics import Record, partition_of
from shared.contracts import codec
from shared.contracts.envelope import AnyEvent
from shared.contracts.topics import NAMES, SOURCES
from shared.kernel.gate import Agency, Gate
from tests.support.builders import NOW, PARTIES, a_declaration_id

LATER = NOW + timedelta(minutes=10)
"""When the auditor looks."""
TAX, VALUE = Decimal("9.83"), Decimal("108.00")
AGENT = "AGENT00001"


@dataclass
class Evidence:
    """Every table's rows, every topic's records, and what was promised."""

    rows: dict[Place, list[Any]] = field(default_factory=dict)
    tables: dict[Place, list[tuple[Any, ...]]] = field(default_factory=dict)
    """Of tables that belong to no declaration."""
    records: dict[str, list[Record]] = field(default_factory=dict)
    committed: dict[str, dict[tuple[str, int], int]] = field(default_factory=dict)
    begins: dict[tuple[str, int], datetime] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    forged: set[str] = field(default_factory=set)
    clock: datetime = NOW
    look_at: datetime = LATER

    # --- what clean services do ---

    def say(self, event: AnyEvent, cause: str = "request", seq: int = 0) -> None:
        """A fact, its record on the topic, and a tick of the clock."""
        source = NAMES[type(event)].partition(".")[0]
        said = self.facts(source, event.subject)
        self.clock += timedelta(seconds=1)
        body = codec.encode(event)
        fact = Fact(
            event.subject,
            len(said) + 1,
            event.version,
            NAMES[type(event)],
            body,
            cause,
            seq,
            self.clock,
            read_told(body),
        )
        self.add(source, "facts", fact)
        self.put(source, fact)

    def put(self, source: str, fact: Fact, **changes: Any) -> None:
        """A record of a fact."""
        log = self.records.setdefault(source, [])
        headers = [
            ("ce_id", f"{fact.subject}/{fact.seq}".encode()),
            ("ce_source", f"/{source}".encode()),
            ("ce_type", fact.type.encode()),
        ]
        record = Record(partition_of(fact.subject), len(log), 0, fact.subject.encode(), fact.body, headers)
        log.append(record._replace(**changes))

    def add(self, service: str, table: str, *rows: Any) -> None:
        """Rows of a table."""
        self.rows.setdefault((service, table), []).extend(rows)

    def keep(self, service: str, table: str, *rows: tuple[Any, ...]) -> None:
        """Rows of a table that belongs to no declaration."""
        self.tables.setdefault((service, table), []).extend(rows)

    def settle(self) -> None:
        """Heads as they are once everything is heard; groups that have passed everything."""
        subjects = {row.subject for rows in self.rows.values() for row in rows}
        for service in (*SOURCES, "portal"):
            self.rows.pop((service, "heads"), None)
        for service in (*SOURCES, "portal"):
            for subject in sorted(subjects):
                self.add(service, "heads", self._head(service, subject))

    def _head(self, service: str, subject: str) -> Head:
        from audit.hearing import HEARS  # noqa: PLC0415 - what is heard is the auditor's own table

        heard = [
            len(self.facts(source, subject)) if source in HEARS.get(service, ()) else 0 for source in SOURCES
        ]
        return Head(subject, len(self.facts(service, subject)) + 1, 1, 0, 0, heard)

    # --- what a test plants ---

    def facts(self, service: str, subject: str) -> list[Fact]:
        """What a service has said of a subject."""
        return [row for row in self.rows.get((service, "facts"), ()) if row.subject == subject]

    def change(self, service: str, table: str, number: int, **changes: Any) -> None:
        """A declaration's last row of a table, changed."""
        rows = self.rows[service, table]
        place = max(i for i, row in enumerate(rows) if row.subject == a_declaration_id(number))
        rows[place] = rows[place]._replace(**changes)

    def lose(self, service: str, table: str, number: int) -> Any:
        """A declaration's last row of a table, gone."""
        rows = self.rows[service, table]
        return rows.pop(max(i for i, row in enumerate(rows) if row.subject == a_declaration_id(number)))

    def retell(self, service: str, number: int, seq: int, change: Callable[[Any], AnyEvent]) -> None:
        """A fact that says something else from the beginning: in its row and on its topic."""
        subject = a_declaration_id(number)
        rows = self.rows[service, "facts"]
        place = next(i for i, row in enumerate(rows) if (row.subject, row.seq) == (subject, seq))
        body = codec.encode(change(codec.decode(rows[place].type, rows[place].body)))
        rows[place] = rows[place]._replace(body=body, told=read_told(body))
        log = self.records[service]
        name = f"{subject}/{seq}".encode()
        at = next(i for i, each in enumerate(log) if dict(each.headers)["ce_id"] == name)
        log[at] = log[at]._replace(value=body)

    # --- the look ---

    def found(self, folder: Path) -> list[Breach]:
        """What the auditor says of it."""
        folder.mkdir(exist_ok=True)
        look = Examination(folder, self.look_at, acknowledged=self.acknowledged, forged=self.forged)
        look.topics.marks.begins, look.topics.marks.committed = self.begins, self.committed
        for source, log in self.records.items():
            for record in log:
                look.topics.hear(source, record)
        for dossier in self.dossiers():
            look.take(dossier)
        for read in look.reads():
            table = read.query.partition(" from ")[2].split()[0]
            for row in self.tables.get((read.service, table), ()):
                read.keep(*row)
        assert len(list(look.conclude())) == len(look.folds)
        return look.findings.kept

    def dossiers(self) -> list[Dossier]:
        """Subject by subject."""
        return dossiers(self.rows.items(), self.look_at)


def of(number: int, version: int = 1) -> dict[str, Any]:
    """What every event of a declaration has."""
    return {"declaration_id": a_declaration_id(number), "version": version, "parties": PARTIES}


def gate(agency: Agency, **changes: Any) -> Gate:
    """An open gate, unless a test wants another."""
    return replace(Gate(agency=agency, status="PASSED"), **changes)


def held(agency: Agency, awaits: str) -> Gate:
    """A gate that waits for somebody."""
    due = LATER + timedelta(days=5)
    return gate(agency, status="HELD", code="WAITS", reason="it waits", awaits=awaits, due_at=due)
