"""Heard: what quarantine reads of what is said to everybody.

Fields of the contract, under its names; the others are passed over, not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.quarantine.rulebook import Origin
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.kernel.goods import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsSubmitted(Event):
    """Of `DeclarationSubmitted`: the goods and their papers."""

    filed_at: datetime
    certificates: tuple[Certificate, ...] = ()
    lines: tuple[Origin, ...]
    opens = DeclarationSubmitted.opens


Submitted = DeclarationSubmitted | GoodsSubmitted
