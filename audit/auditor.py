"""The auditor: looks at everything once, or until it has come to rest.

Databases are read side by side in the order of their subjects and compared subject by subject; what belongs to no
single subject is summed or piled up on the way. Nothing is written, no group is joined.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.acknowledged import ids_in
from audit.books import Books, open_books
from audit.breach import Breach
from audit.broker import Broker, open_broker
from audit.examination import Examination
from audit.quiet import under_way
from audit.report import Report
from audit.where import Where

Progress = Callable[[str], None]
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
        began = time.monotonic()
        committed = await self.broker.committed()
        with tempfile.TemporaryDirectory(prefix="sw-audit-") as name:
            async with open_books(self.where) as books:
                seen = Examination(
                    Path(name), books.now, acknowledged=ids_in(self.promised), forged=self.forged
                )
                seen.topics.marks.committed = committed
                await self.broker.read(seen.topics, self.progress)
                await self._pass(books, seen)
                for read in seen.reads():
                    await books.each(read)
            for what in seen.conclude():
                self.progress(f"comparing: {what}")
        seen.findings.add(Breach("it-comes-to-rest", (each,), f"{n} under way") for each, n in moving.items())
        return Report(
            looked_at=books.now,
            seconds=time.monotonic() - began,
            breaches=seen.findings.kept,
            totals=seen.findings.totals,
            counts=seen.counts(),
            under_way=moving,
        )

    async def _pass(self, books: Books, seen: Examination) -> None:
        """Every subject once."""
        count = 0
        async for found in books.ranges():
            for dossier in found:
                seen.take(dossier)
            if count // STEP != (count + len(found)) // STEP:
                self.progress(f"{count + len(found):,} subjects compared")
            count += len(found)
