"""Report: what was looked at, and what does not add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from audit.breach import INVARIANTS, Breach

CENT = Decimal("0.01")
SHOWN = 20
"""Breaches of one invariant that are shown to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One audit."""

    looked_at: datetime
    """The databases' moment."""
    seconds: float
    breaches: Sequence[Breach] = ()
    """The first thousand of each invariant."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """Breaches by invariant, all of them."""
    counts: Mapping[str, Any] = field(default_factory=dict)
    under_way: Mapping[str, int] = field(default_factory=dict)
    """What had not come to rest."""

    @property
    def is_clean(self) -> bool:
        """Whether all adds up."""
        return not self.breaches

    def as_json(self) -> bytes:
        """For programs."""
        document = {
            "is_clean": self.is_clean,
            "looked_at": self.looked_at,
            "seconds": round(self.seconds, 1),
            "counts": self.counts,
            "under_way": self.under_way,
            "totals": self.totals,
            "invariants": INVARIANTS,
            "breaches": [breach._asdict() for breach in self.breaches],
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=2)

    def as_markdown(self) -> str:
        """For people."""
        verdict = "clean" if self.is_clean else f"{sum(self.totals.values())} breaches"
        lines = [
            f"# Audit: {verdict}",
            "",
            f"Looked at {self.looked_at:%Y-%m-%d %H:%M:%S} UTC, {self.seconds:.1f} s.",
        ]
        lines += ["", "| what | count |", "|---|---|"]
        lines += [f"| {name} | {shown(number)} |" for name, number in self.counts.items()]
        lines += [f"| under way: {name} | {number} |" for name, number in self.under_way.items()]
        for invariant, total in self.totals.items():
            lines += ["", f"## {invariant}: {total}", "", INVARIANTS[invariant], ""]
            lines += [f"- {line}" for line in self.lines_of(invariant)]
        return "\n".join(lines) + "\n"

    def lines_of(self, invariant: str, shown: int = SHOWN) -> list[str]:
        """The first breaches of an invariant, one a line, and how many more there are."""
        found = [breach for breach in self.breaches if breach.invariant == invariant]
        lines = [f"{', '.join(breach.ids)}: {breach.sentence}" for breach in found[:shown]]
        more = self.totals[invariant] - len(lines)
        return [*lines, f"and {more} more"] if more > 0 else lines


def shown(value: object) -> str:
    """A count, or a sum of money to the cent, for people."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if value == value.quantize(CENT) else f"{value:,}"
    return f"{value:,}" if isinstance(value, int) else str(value)
