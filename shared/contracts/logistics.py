"""What logistics says: booked, refused, arrived, gated out, decided, returned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.contracts.envelope import Event
from shared.kernel.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentBooked(Event):
    """A version has its booking: PASSED with pre-arrival mode, HELD until arrival, or REFUSED."""

    gate: Gate
    carrier: str
    waybill_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentArrived(Event):
    """The carrier reports the goods on site."""

    gate: Gate
    arrived_at: datetime
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticsDecided(Event):
    """A logistics officer has decided a held version, or its deadline has passed."""

    gate: Gate
    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentGatedOut(Event):
    """The permit is heard: the goods may leave the site."""

    permit_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReturned(Event):
    """The carrier reports the goods of an admitted return back on their site, in time."""

    request_id: str
    arrived_at: datetime
    site: str
    packages: int
    gross_weight: Decimal
    """kg"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOverdue(Event):
    """Nobody has reported the goods of an admitted return before its time was over."""

    request_id: str
