"""Gates: one predicate over what was heard.

A permit needs the submission and the four words of the running version, each PASSED or NOT_REQUIRED, and no
open hold of clearance's own. Reading: no public text states the predicate of release in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from shared.kernel.gate import SPEAKING, Agency, Gate

Outcome = Literal["OPEN", "PERMIT", "REFUSED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A gate and the moment clearance heard it."""

    gate: Gate
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that was heard of one version."""

    filed_at: datetime | None = None
    """From the submission; None until it is heard."""
    tax_total: Decimal | None = None
    """CNY, from tax; None until assessed."""
    words: Mapping[Agency, Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What the gates amount to, and the gates that made it so."""

    outcome: Outcome
    because: tuple[Gate, ...] = ()
    """REFUSED: the gates that refused. OPEN: every gate that is awaited."""


PERMITTED = Weighing(outcome="PERMIT")

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


def weigh(standing: Standing, hold: Word | None) -> Weighing:
    """The predicate: permit, refused, or open with who is awaited; never decided before the submission."""
    if standing.filed_at is None:
        return Weighing(outcome="OPEN", because=(UNFILED,))
    refusing = refusing_gates(standing, hold)
    if refusing:
        return Weighing(outcome="REFUSED", because=refusing)
    awaited = awaited_gates(standing, hold)
    return Weighing(outcome="OPEN", because=awaited) if awaited else PERMITTED


def refusing_gates(standing: Standing, hold: Word | None) -> tuple[Gate, ...]:
    """Every gate that says no."""
    gates = [word.gate for word in standing.words.values() if word.gate.status == "REFUSED"]
    if hold is not None and hold.gate.status == "REFUSED":
        gates.append(hold.gate)
    return tuple(gates)


def awaited_gates(standing: Standing, hold: Word | None) -> tuple[Gate, ...]:
    """Every gate that keeps the version from its permit: held, silent, or clearance's own hold."""
    gates = [gate for agency in SPEAKING if not (gate := spoken(standing, agency)).is_open]
    if hold is not None and not hold.gate.is_open:
        gates.append(hold.gate)
    return tuple(gates)


def spoken(standing: Standing, agency: Agency) -> Gate:
    """What an agency said, or that it has not spoken."""
    word = standing.words.get(agency)
    return SILENT[agency] if word is None else word.gate
