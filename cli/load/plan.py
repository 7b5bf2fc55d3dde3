"""Plan: who files what under which number.

Numbers count from 0. Each belongs to one client (a batch to one client as a whole), has its kind from the mix, and
its text follows from both, so that nothing is kept to send it again. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cli.load.mix import Kinds
from sandbox.parcels import Kind, Pool, Press

LOOK_BACK = 50
"""Turns of a client that a duplicate looks back for something to repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filer:
    """A client that files, and what its party may file."""

    client_id: str
    pool: Pool


class Job(NamedTuple):
    """One request: what it files, and since when it is due (seconds of the loop's clock)."""

    due: float
    numbers: range
    amends: str = ""
    """The declaration that it amends; empty for a filing."""


class Plan:
    """The filings of a run."""

    def __init__(self, press: Press, kinds: Kinds, filers: Sequence[Filer], batch: int) -> None:
        self.press, self.filers, self.batch = press, tuple(filers), batch
        self._kinds = kinds

    def place_of(self, number: int) -> int:
        """Which of the filers a number belongs to."""
        return number // self.batch % len(self.filers)

    def kind_of(self, number: int) -> Kind:
        """What a number is, its repeats aside."""
        kind = self._kinds[number]
        return "green" if kind == "duplicate" and self.original(number) == number else kind

    def original(self, number: int) -> int:
        """The number that this one repeats: itself, unless it is a duplicate with a green one before it."""
        if self._kinds[number] != "duplicate":
            return number
        turn = self.batch * len(self.filers)
        for earlier in range(number - turn, max(-1, number - turn * LOOK_BACK), -turn):
            if self._kinds[earlier] == "green":
                return earlier
        return number

    def text(self, number: int) -> bytes:
        """The filing of a number; of a duplicate, that of the number it repeats."""
        original = self.original(number)
        pool = self.filers[self.place_of(original)].pool
        return self.press.body(pool, self.kind_of(original), original)

    def body(self, job: Job) -> bytes:
        """What a job sends."""
        if job.amends:
            number = job.numbers[0]
            pool = self.filers[self.place_of(number)].pool
            submission = self.press.body(pool, "amended", number, amended=True)
            return b'{"based_on_version":1,"submission":%b}' % submission
        return b"\n".join(map(self.text, job.numbers)) if self.batch > 1 else self.text(job.numbers[0])
