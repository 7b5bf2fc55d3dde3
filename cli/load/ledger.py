"""Ledger: what was sent, and what the door said.

A byte a number and a few counters; latencies go into a histogram and into the list of the running second. What became
of the filings later is the window's word, not this ledger's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hdrh.histogram import HdrHistogram

UNSENT, ACCEPTED, REFUSED, BUSY, UNKNOWN = range(5)
"""What is known of a number: UNKNOWN was sent and got no answer, or one that says nothing of it (5xx)."""
LONGEST = 3_600_000_000
"""Microseconds: an hour is the longest latency that is told apart."""


def histogram() -> HdrHistogram:
    """Latencies in microseconds, to three digits."""
    return HdrHistogram(1, LONGEST, 3)


def note(into: HdrHistogram, seconds: float) -> None:
    """Record a latency."""
    into.record_value(min(max(int(seconds * 1e6), 1), LONGEST))


@dataclass(slots=True)
class Totals:
    """Counts of filings, not of requests."""

    sent: int = 0
    accepted: int = 0
    repeats: int = 0
    """Sent again and answered with the first answer."""
    refused: int = 0
    busy: int = 0
    """Answered 429 (with --retry: as often as they were)."""
    failed: int = 0
    """No answer, or 5xx."""
    amendments: int = 0
    """Taken in by the door."""
    amendments_failed: int = 0


@dataclass(slots=True)
class Ledger:
    """The books of a run."""

    state: bytearray = field(default_factory=bytearray)
    totals: Totals = field(default_factory=Totals)
    acknowledged: HdrHistogram = field(default_factory=histogram)
    """From the intended moment to the door's answer (accepted or refused)."""
    permitted: HdrHistogram = field(default_factory=histogram)
    """From the intended moment to a readable permit, of the sampled ones."""
    codes: Counter[str] = field(default_factory=Counter)
    """Why the door refused."""
    lately: list[float] = field(default_factory=list)
    """Seconds to acknowledge, since the list was taken last."""
    unsure: set[int] = field(default_factory=set)
    """Numbers of which an answer was lost: the window may have taken them in, whatever it says of a copy."""

    def sent(self, numbers: Sequence[int]) -> None:
        """Numbers go out; until they are answered nothing is known of them."""
        missing = max(numbers) + 1 - len(self.state)
        if missing > 0:
            self.state += bytes(missing)
        for number in numbers:
            if self.state[number] != ACCEPTED:
                self.state[number] = UNKNOWN
        self.totals.sent += len(numbers)

    def answered(self, number: int, state: int, latency: float) -> None:
        """The door has spoken of a number."""
        self._learn(number, state)
        if state in (ACCEPTED, REFUSED):
            note(self.acknowledged, latency)
            self.lately.append(latency)
        if state == ACCEPTED:
            self.totals.accepted += 1
        elif state == REFUSED:
            self.totals.refused += 1
        elif state == BUSY:
            self.totals.busy += 1
        else:
            self.totals.failed += 1

    def _learn(self, number: int, state: int) -> None:
        if state == UNKNOWN:
            self.unsure.add(number)
        if self.state[number] != ACCEPTED:
            self.state[number] = UNKNOWN if state == BUSY and number in self.unsure else state

    def take_lately(self) -> list[float]:
        """The latencies of the running second, ascending; the next second begins."""
        taken, self.lately = sorted(self.lately), []
        return taken

    def count(self, state: int) -> int:
        """Numbers of which this is known."""
        return self.state.count(state)


def quantile(ascending: Sequence[float], part: float) -> float | None:
    """The value that a part of some keeps within."""
    return ascending[min(len(ascending) - 1, int(part * len(ascending)))] if ascending else None


def percentile(of: HdrHistogram, part: float) -> float | None:
    """Milliseconds that a part (in a hundred) of the latencies keeps within."""
    return of.get_value_at_percentile(part) / 1000 if of.get_total_count() else None
