"""Gates: one predicate over what was heard.

A permit needs the submission and the four words of the running version, each PASSED or NOT_REQUIRED, and no
open hold of clearance's own. Reading: no public text states the predicate of release in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct, field

from shared.kernel.gate import SPEAKING, Agency, Gate

Outcome = Literal["OPEN", "PERMIT", "REFUSED"]
ALL = frozenset(SPEAKING)


class Word(Struct, frozen=True, kw_only=True):
    """A gate and the moment clearance heard it."""

    gate: Gate
    since: datetime


class Standing(Struct, frozen=True, kw_only=True):
    """All that was heard of one version."""

    filed_at: datetime | None = None
    """From the submission; None until it is heard."""
    tax_total: Decimal | None = None
    """CNY, from tax; None until assessed."""
    words: Mapping[Agency, Word] = field(default_factory=dict)


SILENT: Mapping[Agency, Gate] = {
    agency: Gate(
        agency=agency,
        status="HELD",
        code="NOT_HEARD",
        reason=f"{agency} has not spoken of this version yet",
        awaits=agency,
    )
    for agency in SPEAKING
}
UNFILED = Gate(
    agency="customs",
    status="HELD",
    code="NOT_HEARD",
    reason="the submission of this version has not arrived yet",
    awaits="declaration",
)


def outcome(standing: Standing, hold: Word | None) -> Outcome:
    """The predicate. Nothing is decided before the submission; one refusal refuses; all open is the permit."""
    if standing.filed_at is None:
        return "OPEN"
    statuses = [word.gate.status for word in standing.words.values()]
    if hold is not None:
        statuses.append(hold.gate.status)
    if "REFUSED" in statuses:
        return "REFUSED"
    return "PERMIT" if "HELD" not in statuses and standing.words.keys() >= ALL else "OPEN"


def refusing_gates(standing: Standing, hold: Word | None) -> tuple[Gate, ...]:
    """Every gate that says no."""
    words = standing.words.values() if hold is None else (*standing.words.values(), hold)
    return tuple(word.gate for word in words if word.gate.status == "REFUSED")


def awaited_gates(standing: Standing, hold: Word | None) -> tuple[Gate, ...]:
    """Every gate that keeps the version from its permit: not filed, silent, held, or clearance's own hold."""
    if standing.filed_at is None:
        return (UNFILED,)
    gates = [gate for agency in SPEAKING if not (gate := spoken(standing, agency)).is_open]
    if hold is not None and not hold.gate.is_open:
        gates.append(hold.gate)
    return tuple(gates)


def spoken(standing: Standing, agency: Agency) -> Gate:
    """What an agency said, or that it has not spoken."""
    word = standing.words.get(agency)
    return SILENT[agency] if word is None else word.gate
