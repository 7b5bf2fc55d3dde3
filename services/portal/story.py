"""The story of a declaration: its facts, in plain words.

Pure: made of the timeline that the declaration service composes. What is unknown is shown by its type name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SETTLED_AFTER = timedelta(seconds=3)
"""Nothing new for so long after an outcome: what follows it (commit, gate-out) has been said."""
OUTCOMES = ("clearance.permit-issued.v1", "clearance.refused.v1")
CANCELLED = "clearance.cancelled.v1"
_SENTENCES = {
    "declaration.submitted": ("Declarant", "filed it"),
    "declaration.customs-decided": ("Customs", "decided"),
    "declaration.amendment-requested": ("Declarant", "asks to amend it"),
    "declaration.cancellation-requested": ("Declarant", "asks to cancel it"),
    "declaration.return-requested": ("Declarant", "asks to return goods"),
    "tax.assessed": ("Tax", "assessed it"),
    "tax.secured": ("Tax", "has its security"),
    "tax.refused": ("Tax", "refused it"),
    "tax.voided": ("Tax", "gave quota and guarantee back"),
    "tax.committed": ("Tax", "used the quota, the tax is due"),
    "tax.refunded": ("Tax", "gave tax and quota back"),
    "quarantine.triaged": ("Quarantine", "looked at goods and papers"),
    "quarantine.decided": ("Quarantine", "decided"),
    "logistics.booked": ("Logistics", "booked it"),
    "logistics.arrived": ("Carrier", "reports it on site"),
    "logistics.decided": ("Logistics", "decided"),
    "logistics.gated-out": ("Logistics", "lets it leave the site"),
    "logistics.goods-returned": ("Carrier", "reports returned goods on site"),
    "logistics.return-overdue": ("Logistics", "has not seen the returned goods in time"),
    "clearance.permit-issued": ("Clearance", "issued the permit"),
    "clearance.refused": ("Clearance", "ended it: refused"),
    "clearance.cancelled": ("Clearance", "cancelled it"),
    "clearance.amendment-admitted": ("Clearance", "admitted the amendment"),
    "clearance.request-refused": ("Clearance", "refused the request"),
    "clearance.held": ("Clearance", "holds it"),
    "clearance.hold-lifted": ("Clearance", "lifted its hold"),
    "clearance.permit-revoked": ("Clearance", "revoked the permit"),
    "clearance.return-admitted": ("Clearance", "admitted the return"),
    "clearance.return-completed": ("Clearance", "completed the return"),
    "clearance.return-lapsed": ("Clearance", "ended the return: the goods did not come back in time"),
}
_MOODS = {
    "clearance.permit-issued": "passed",
    "clearance.refused": "refused",
    "clearance.cancelled": "refused",
    "clearance.permit-revoked": "refused",
    "clearance.request-refused": "refused",
    "tax.refused": "refused",
    "clearance.return-completed": "passed",
    "clearance.return-lapsed": "refused",
    "clearance.held": "held",
}
_GATE_MOODS = {"PASSED": "passed", "NOT_REQUIRED": "quiet", "HELD": "held", "REFUSED": "refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the timeline."""

    source: str
    seq: int
    type: str
    version: int
    recorded_at: datetime
    event: Mapping[str, Any]
    raw: Mapping[str, Any]
    """As the timeline tells it."""

    @property
    def id(self) -> str:
        """Which one it is among those of its declaration."""
        return f"{self.source}:{self.seq}"

    @property
    def name(self) -> str:
        """The type without its version number."""
        return self.type.rpartition(".")[0]

    @property
    def gate(self) -> Mapping[str, Any]:
        """The gate that it speaks; empty when it speaks none."""
        found = self.event.get("gate")
        return found if isinstance(found, Mapping) else {}

    @property
    def actor(self) -> str:
        """Who did it."""
        return _SENTENCES.get(self.name, (self.source.capitalize(), ""))[0]

    @property
    def deed(self) -> str:
        """What it did; the bare type when it is one that nobody told us of."""
        return _SENTENCES.get(self.name, ("", self.type))[1]

    @property
    def said(self) -> str:
        """The gate's reason, or that of the fact itself."""
        return str(self.gate.get("reason") or self.event.get("reason") or "")

    @property
    def officer(self) -> str:
        """The officer who decided, if one did."""
        return str(self.event.get("officer") or "")

    @property
    def mood(self) -> str:
        """How it is painted: passed, quiet, held, refused, or plain."""
        known = _MOODS.get(self.name)
        return known or _GATE_MOODS.get(str(self.gate.get("status", "")), "plain")


def facts_of(timeline: object) -> list[Fact]:
    """The facts of a timeline in the order of their moments; what is not a fact is left out."""
    told = timeline.get("facts", []) if isinstance(timeline, Mapping) else timeline
    entries = told if isinstance(told, Sequence) and not isinstance(told, str) else []
    facts = [fact for entry in entries if (fact := _fact(entry)) is not None]
    return sorted(
        facts, key=lambda fact: (fact.recorded_at, fact.source != "declaration", fact.source, fact.seq)
    )


def _fact(entry: object) -> Fact | None:
    if not isinstance(entry, Mapping):
        return None
    try:
        event = entry.get("event")
        return Fact(
            source=str(entry["source"]),
            seq=int(entry["seq"]),
            type=str(entry["type"]),
            version=int(entry.get("version", 1)),
            recorded_at=datetime.fromisoformat(str(entry["recorded_at"])),
            event=event if isinstance(event, Mapping) else {},
            raw=entry,
        )
    except (KeyError, ValueError):
        return None


def away_of(timeline: object) -> list[str]:
    """The services whose facts a timeline lacks."""
    named = timeline.get("away", []) if isinstance(timeline, Mapping) else []
    return [str(name) for name in named] if isinstance(named, list) else []


def is_settled(facts: Sequence[Fact], away: Collection[str], now: datetime) -> bool:
    """Whether its running version has an outcome and nothing has followed for a while.

    Nothing is settled while a service is away: what it has said may still be missing.
    """
    if away or not facts:
        return False
    running = max(fact.version for fact in facts)
    is_over = any(
        fact.type == CANCELLED or (fact.type in OUTCOMES and fact.version == running) for fact in facts
    )
    return is_over and now - max(fact.recorded_at for fact in facts) > SETTLED_AFTER


def took(facts: Sequence[Fact]) -> str:
    """From the filing of a version to its outcome; empty while there is none."""
    for outcome in reversed(facts):
        if outcome.type in OUTCOMES:
            filed = [
                f.recorded_at
                for f in facts
                if f.name == "declaration.submitted" and f.version == outcome.version
            ]
            return length(outcome.recorded_at - filed[0]) if filed else ""
    return ""


def length(span: timedelta) -> str:
    """A span as people say it: 12 ms, 3.4 s, 5 min, 2 h 10 min, 3 d 4 h."""
    ms = round(span.total_seconds() * 1000)
    if ms < 1000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    minutes = ms // 60_000
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"
