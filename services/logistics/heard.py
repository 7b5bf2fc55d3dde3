"""Heard: what logistics reads of what is said to everybody.

Fields of the contract, under its names; the others are passed over, not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.kernel.goods import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentSubmitted(Event):
    """Of `DeclarationSubmitted`: the parcel, without its goods."""

    filed_at: datetime
    mode: Literal["9610", "1210"]
    carrier: str
    waybill_no: str
    transport: Transport
    arrival: Literal["on_site", "pre_arrival"]
    packages: int
    gross_weight: Decimal
    opens = DeclarationSubmitted.opens


Submitted = DeclarationSubmitted | ConsignmentSubmitted
