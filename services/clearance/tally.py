"""The tally: how many cases stand where.

Kept by differences in the transaction that makes them, never by counting cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from services.clearance.domain import Case
from services.clearance.gates import Standing
from shared.kernel.gate import SPEAKING, Agency

HELD: dict[Agency, str] = {agency: f"held.{agency}" for agency in SPEAKING}
PASSED: dict[Agency, str] = {agency: f"passed.{agency}" for agency in SPEAKING}


def counted(case: Case) -> tuple[str, ...]:
    """The names under which a case is counted on the live page."""
    standing = case.running
    if standing.filed_at is None and not case.superseded:
        return ()
    names = ["filed", case.status.lower(), *("superseded",) * case.superseded, *passed(standing)]
    if case.permit is not None and case.permit.revocation is not None:
        names.append("revoked")
    if case.status == "OPEN":
        names += [HELD[agency] for agency, word in standing.words.items() if word.gate.status == "HELD"]
        names += ["held.clearance"] if case.is_held else []
    return tuple(names)


def passed(standing: Standing) -> list[str]:
    """The gates that let the running version pass, or need nothing of it; whatever became of it since."""
    return [PASSED[agency] for agency, word in standing.words.items() if word.gate.is_open]


def tally_change(pairs: Iterable[tuple[Case, Case]]) -> dict[str, int]:
    """How the tally moves when each first case becomes its second. Few kinds of move make up a batch."""
    moves = Counter((counted(before), counted(after)) for before, after in pairs)
    change: Counter[str] = Counter()
    for (left, entered), times in moves.items():
        for name in entered:
            change[name] += times
        for name in left:
            change[name] -= times
    return {name: change[name] for name in sorted(change) if change[name]}
