"""Account: what was filed, against the window's own books.

The door's answers say what should be there; the list says what is. Every number that the door took in must be listed
once, and nothing it did not take in. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from cli.load.books import Found
from cli.load.ledger import ACCEPTED, BUSY, REFUSED, UNKNOWN, UNSENT, Ledger

FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All filings of a run, each counted once."""

    filed: int
    """Numbers that the door answered for good, or that are listed though their answer was lost."""
    permits: int
    held: int
    refused: int
    door: int
    """Refused at the door: nothing is kept of them but the answer."""
    cancelled: int
    open: int
    """Neither ended nor in anybody's hands."""
    lost: tuple[int, ...] = ()
    """Taken in by the door, and not listed."""
    uninvited: tuple[int, ...] = ()
    """Listed, though the door refused them or never took them in."""
    twice: tuple[str, ...] = ()
    turned_away: int = 0
    """Busy to the end, or without an answer and not listed: not filed."""

    @property
    def is_ok(self) -> bool:
        """Whether the books agree and every filing has one outcome, or is in somebody's hands."""
        whole = self.permits + self.held + self.refused + self.door + self.cancelled
        return whole == self.filed and not (self.open or self.lost or self.uninvited or self.twice)

    @property
    def line(self) -> str:
        """The line that must add up."""
        still = f" + {self.open} still open" if self.open else ""
        return (
            f"{self.filed} filed = {self.permits} permits + {self.held} held + {self.refused} refused "
            f"+ {self.door} refused at the door + {self.cancelled} cancelled{still}: "
            f"{'OK' if self.is_ok else 'NOT OK'}"
        )

    @property
    def faults(self) -> list[str]:
        """What is wrong, in words."""
        told = []
        if self.lost:
            told.append(f"taken in but not listed: {_few(self.lost)}")
        if self.uninvited:
            told.append(f"listed but never taken in: {_few(self.uninvited)}")
        if self.twice:
            told.append(f"listed twice: {_few(self.twice)}")
        return told


def account_of(ledger: Ledger, found: Found) -> Account:
    """The account of a run."""
    stand = Counter(
        (state, found.standing(number)) for number, state in enumerate(ledger.state) if state != UNSENT
    )
    listed: Counter[str] = Counter()
    for (_, standing), count in stand.items():
        listed[standing] += count
    kept = sum(count for standing, count in listed.items() if standing)
    lost, uninvited = _lost(ledger, found), _uninvited(ledger, found)
    door = stand[REFUSED, ""]
    return Account(
        filed=kept + len(lost) + door,
        permits=listed["PERMITTED"] + listed["REVOKED"],
        held=listed["HELD"],
        refused=listed["REFUSED"],
        door=door,
        cancelled=listed["CANCELLED"],
        open=listed["SUBMITTED"],
        lost=lost,
        uninvited=uninvited,
        twice=tuple(found.twice),
        turned_away=stand[BUSY, ""] + stand[UNKNOWN, ""],
    )


def _lost(ledger: Ledger, found: Found) -> tuple[int, ...]:
    return tuple(
        number
        for number, state in enumerate(ledger.state)
        if state == ACCEPTED and not found.standing(number)
    )


def _uninvited(ledger: Ledger, found: Found) -> tuple[int, ...]:
    may_be_there = (ACCEPTED, UNKNOWN)
    return tuple(
        number
        for number, state in enumerate(ledger.state)
        if state not in may_be_there and found.standing(number)
    )


def _few(some: tuple[object, ...]) -> str:
    shown = ", ".join(map(str, some[:FEW]))
    return f"{shown} and {len(some) - FEW} more" if len(some) > FEW else shown
