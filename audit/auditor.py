"""The auditor: looks at everything once, or until it has come to rest.

Databases are read side by side in the order of their subjects and compared subject by subject; what belongs to no
single subject is summed or piled up on the way. Nothing is written, no group is joined.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit import money, outcomes, permits, protocol, waits
from audit.acknowledged import Acknowledged, ids_in
from audit.books import Books, open_books
from audit.breach import Breach, Findings
from audit.broker import Broker, open_broker
from audit.dossier import Dossier
from audit.folds import Fold
from audit.keys import Keys, PermitNumbers
from audit.piles import Pile
from audit.quiet import under_way
from audit.quota import Quotas
from audit.report import Report
from audit.tally import Copies, Tally
from audit.topics import Topics
from audit.where import Where

Progress = Callable[[str], None]
Check = Callable[[Dossier], Iterator[Breach]]
CHECKS: tuple[Check, ...] = (
    *protocol.CHECKS,
    *outcomes.CHECKS,
    *permits.CHECKS,
    *waits.CHECKS,
    *money.CHECKS,
)
FOR_FORGED: tuple[Check, ...] = (protocol.facts_are_gap_free, outcomes.moves_are_legal)
"""What must hold even where somebody has put words on a topic that no service said."""
PAUSE = 0.5
"""Seconds between two looks."""
STEP = 50_000
"""Subjects between two words on progress."""


async def audit(
    where: Where,
    *,
    acknowledged: Iterable[str] | Path = (),
    forged: Collection[str] = (),
    wait: float = 0.0,
    progress: Progress = lambda _: None,
) -> Report:
    """Look at everything; look again, for `wait` seconds at the most, until nothing is under way and all adds up.

    `acknowledged`: ids of declarations that callers were promised, or a file of one a line.
    `forged`: subjects of which a test has put records on a topic that no service has said.
    """
    end = time.monotonic() + wait
    promised = acknowledged if isinstance(acknowledged, Path) else list(acknowledged)
    async with open_broker(where) as broker:
        look = Look(where, broker, promised, frozenset(forged), progress)
        while True:
            moving = await look.rest(end)
            report = await look.at_everything(moving)
            if report.is_clean or time.monotonic() > end:
                return report
            progress(f"{sum(report.totals.values())} breaches; looking again")
            await asyncio.sleep(PAUSE)


@dataclass(slots=True)
class Look:
    """Where to look, and what is known beforehand."""

    where: Where
    broker: Broker
    promised: Path | Sequence[str]
    forged: frozenset[str]
    progress: Progress

    async def rest(self, end: float) -> dict[str, int]:
        """Wait until nothing is under way; what still is when the time is over."""
        said = ""
        while (moving := await under_way(self.where, self.broker)) and time.monotonic() < end:
            now = "under way: " + ", ".join(f"{name} {number}" for name, number in moving.items())
            if now != said:
                self.progress(now)
                said = now
            await asyncio.sleep(PAUSE)
        return moving

    async def at_everything(self, moving: dict[str, int]) -> Report:
        """One look."""
        began, findings = time.monotonic(), Findings()
        findings.add(Breach("it-comes-to-rest", (name,), f"{n} under way") for name, n in moving.items())
        with tempfile.TemporaryDirectory(prefix="sw-audit-") as name:
            folder = Path(name)
            topics = Topics(Pile(folder, "events"), self.forged)
            await self.broker.mark(topics)
            async with open_books(self.where) as books:
                await self.broker.read(topics, self.progress)
                folds = (topics, *self._folds(folder, books.now))
                await self._pass(books, folds, findings)
                for read in (each for fold in folds for each in fold.reads()):
                    await books.each(read)
            for fold in folds:
                self.progress(f"comparing: {type(fold).__name__}")
                findings.add(fold.breaches())
        return Report(
            looked_at=books.now,
            seconds=time.monotonic() - began,
            breaches=findings.kept,
            totals=findings.totals,
            counts={name: number for fold in folds for name, number in fold.counts().items()},
            under_way=moving,
        )

    def _folds(self, folder: Path, now: datetime) -> list[Fold]:
        return [
            Tally(),
            Acknowledged(Pile(folder, "acknowledged"), ids_in(self.promised)),
            PermitNumbers(Pile(folder, "permits")),
            money.Money(),
            Quotas(Pile(folder, "quotas")),
            Keys(Pile(folder, "keys"), now),
            Copies(),
        ]

    async def _pass(self, books: Books, folds: Sequence[Fold], findings: Findings) -> None:
        """Every subject once."""
        seen = 0
        async for found in books.ranges():
            for dossier in found:
                for check in FOR_FORGED if dossier.subject in self.forged else CHECKS:
                    findings.add(check(dossier))
                for fold in folds:
                    fold.take(dossier)
            if seen // STEP != (seen + len(found)) // STEP:
                self.progress(f"{seen + len(found):,} subjects compared")
            seen += len(found)
