"""Examination: one look, without its IO.

Takes dossiers, rows and records as they come, from wherever, and concludes. The auditor feeds it from databases and a
broker; its tests, from small lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from audit import bills, money, outcomes, permits, protocol, refunds, waits
from audit.accounts import Accounts
from audit.acknowledged import Acknowledged
from audit.breach import Breach, Findings
from audit.dossier import Dossier
from audit.folds import Fold, Read
from audit.keys import Keys, PermitNumbers
from audit.notes import Notes
from audit.piles import Pile
from audit.quota import Quotas
from audit.tally import Copies, Tally
from audit.topics import Topics

Check = Callable[[Dossier], Iterator[Breach]]
CHECKS: tuple[Check, ...] = (
    *protocol.CHECKS,
    *outcomes.CHECKS,
    *permits.CHECKS,
    *waits.CHECKS,
    *money.CHECKS,
    *bills.CHECKS,
    *refunds.CHECKS,
)
FOR_FORGED: tuple[Check, ...] = (protocol.facts_are_gap_free, outcomes.moves_are_legal)
"""What must hold even where somebody has put words on a topic that no service said."""


class Examination:
    """Everything that is compared in one look."""

    def __init__(
        self,
        folder: Path,
        now: datetime,
        *,
        acknowledged: Iterable[str] = (),
        forged: Collection[str] = (),
    ) -> None:
        self.findings, self._forged = Findings(), forged
        self.topics = Topics(Pile(folder, "events"), forged)
        self.folds: Sequence[Fold] = (
            Tally(),
            self.topics,
            Acknowledged(Pile(folder, "acknowledged"), acknowledged),
            PermitNumbers(Pile(folder, "permits")),
            money.Money(),
            Accounts(),
            bills.Bills(),
            Quotas(Pile(folder, "quotas")),
            Notes(Pile(folder, "notes")),
            Keys(Pile(folder, "keys"), now),
            Copies(),
        )

    def take(self, of: Dossier) -> None:
        """One subject."""
        for check in FOR_FORGED if of.subject in self._forged else CHECKS:
            self.findings.add(check(of))
        for fold in self.folds:
            fold.take(of)

    def reads(self) -> Iterator[Read]:
        """The tables that belong to no subject, and who keeps their rows."""
        for fold in self.folds:
            yield from fold.reads()

    def conclude(self) -> Iterator[str]:
        """Compare what was summed and piled up; says what it is about to compare."""
        for fold in self.folds:
            yield type(fold).__name__
            self.findings.add(fold.breaches())

    def counts(self) -> dict[str, Any]:
        """How many of everything."""
        return {name: number for fold in self.folds for name, number in fold.counts().items()}
