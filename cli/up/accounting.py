"""Accounting: one outcome an order.

Pure: from what was filed and what the window says of it to counts, reasons and the one line that must add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Key = tuple[str, str]
"""Platform and order number."""
Kind = Literal["permit", "door", "refused", "cancelled", "held", "open"]
SETTLED: tuple[Kind, ...] = ("permit", "door", "refused", "cancelled")
NAMES: dict[Kind, str] = {
    "permit": "permits",
    "door": "refused at the door",
    "refused": "refused",
    "cancelled": "cancelled",
    "held": "held",
    "open": "still open",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One gate that waits: in whose hands, why, until when."""

    agency: str
    code: str
    reason: str
    awaits: str
    due_at: str

    @property
    def is_owned(self) -> bool:
        """Whether somebody must act, for a reason, by a time."""
        return bool(self.reason and self.awaits and self.due_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one order stands."""

    key: Key
    kind: Kind
    declaration_id: str = ""
    agency: str = ""
    """Who refused; empty at the door."""
    codes: tuple[str, ...] = ()
    """Why refused: the agency's code, or every code the door named."""
    holds: tuple[Hold, ...] = ()
    permit_no: str = ""
    seconds: float | None = None
    """From filing to permit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All orders of a run, each counted once."""

    orders: int
    kinds: Counter[Kind]
    door: Counter[str] = field(default_factory=Counter)
    """Orders by code; one order may have several."""
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    holds: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Gates by agency, code, reason and who must act; one order may have several."""
    seconds: tuple[float, ...] = ()
    """From filing to permit, ascending."""
    missing: tuple[Key, ...] = ()
    twice: tuple[Key, ...] = ()
    unowned: tuple[Key, ...] = ()
    """Held, but without owner, reason or due time."""

    @property
    def is_ok(self) -> bool:
        """Whether every order has exactly one outcome, or is held by somebody, for a reason, until a time."""
        odd = self.missing or self.twice or self.unowned or self.kinds["open"]
        return not odd and sum(self.kinds.values()) == self.orders

    @property
    def moving(self) -> int:
        """Of how many something may still come by waiting."""
        return self.kinds["open"] + len(self.missing)

    @property
    def line(self) -> str:
        """The line that must add up."""
        parts: tuple[Kind, ...] = ("permit", "door", "refused", "cancelled", "held")
        shown = (*parts, "open") if self.kinds["open"] else parts
        terms = " + ".join(f"{self.kinds[kind]} {NAMES[kind]}" for kind in shown)
        return f"{self.orders} orders = {terms}: {'OK' if self.is_ok else 'NOT OK'}"

    def percentile(self, part: float) -> float | None:
        """The time from filing to permit that this part of the permits kept within."""
        if not self.seconds:
            return None
        return self.seconds[min(len(self.seconds) - 1, int(part * len(self.seconds)))]


def account_of(keys: Sequence[Key], standings: Iterable[Standing]) -> Account:
    """The account of the filed orders; standings of other orders are none of its business."""
    ours = set(keys)
    found = [standing for standing in standings if standing.key in ours]
    times = Counter(standing.key for standing in found)
    return Account(
        orders=len(keys),
        kinds=Counter(standing.kind for standing in found),
        door=Counter(code for one in found if one.kind == "door" for code in one.codes),
        refusals=Counter(
            (one.agency, code) for one in found if one.kind == "refused" for code in one.codes or ("",)
        ),
        holds=Counter(
            (hold.agency, hold.code, hold.reason, hold.awaits)
            for one in found
            if one.kind == "held"
            for hold in one.holds
        ),
        seconds=tuple(sorted(one.seconds for one in found if one.seconds is not None)),
        missing=tuple(key for key in keys if key not in times),
        twice=tuple(key for key, count in times.items() if count > 1),
        unowned=tuple(one.key for one in found if one.kind == "held" and not _is_owned(one)),
    )


def _is_owned(standing: Standing) -> bool:
    return bool(standing.holds) and all(hold.is_owned for hold in standing.holds)
