"""Waybills: numbers in use, and arrivals.

A carrier's waybill number belongs to one declaration for six months (CEB511: logisticsNo is unique for six
months). A row is also where an arrival is kept that was reported before anybody booked the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from shared.kernel.goods import Transport
from shared.kernel.papers import WAYBILL_TAKEN

WEIGHT_SHARE = Decimal("0.2")
WEIGHT_KG = Decimal("0.5")
"""Weights differ when both are exceeded: a fifth of the booked weight, and half a kilogram (reference R10; the
bounds are our reading)."""

_AIR = re.compile(r"[0-9]{3}-?[0-9]{8}")
_OTHER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/-]{3,36}")

Key = tuple[str, str]
"""Carrier's party code and waybill number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the carrier reports of a parcel on site. Weight in kg."""

    arrived_at: datetime
    site: str
    packages: int
    gross_weight: Decimal
    reported_at: datetime

    def fits(self, packages: int, gross_weight: Decimal) -> bool:
        """Whether it is what was booked: the same packages, and about the same weight."""
        apart = abs(self.gross_weight - gross_weight)
        weighs_otherwise = apart > WEIGHT_KG and apart > gross_weight * WEIGHT_SHARE
        return packages == self.packages and not weighs_otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """A waybill number: who holds it, since when, and what arrived under it."""

    carrier: str
    waybill_no: str
    declaration_id: str | None
    """The holder; None while nobody has booked it, or after its declaration has ended."""
    taken_at: datetime
    arrived: Arrival | None = None

    @property
    def key(self) -> Key:
        """Carrier and number."""
        return self.carrier, self.waybill_no

    def is_free_for(self, declaration_id: str, now: datetime) -> bool:
        """Whether a declaration may book it: free, its own already, or held for more than six months."""
        return self.declaration_id in (None, declaration_id) or self.has_lapsed(now)

    def has_lapsed(self, now: datetime) -> bool:
        """Whether the six months are over."""
        return self.taken_at + WAYBILL_TAKEN <= now


def unbooked(key: Key, now: datetime) -> Waybill:
    """A number in nobody's hand."""
    return Waybill(carrier=key[0], waybill_no=key[1], declaration_id=None, taken_at=now)


def taken(waybill: Waybill, declaration_id: str, now: datetime) -> Waybill:
    """The number in a declaration's hand; an arrival of a holder that lapsed is not this one's."""
    if waybill.declaration_id == declaration_id:
        return waybill
    arrived = None if waybill.has_lapsed(now) else waybill.arrived
    return replace(waybill, declaration_id=declaration_id, taken_at=now, arrived=arrived)


def freed(waybill: Waybill, declaration_id: str) -> Waybill:
    """The number out of a declaration's hand, if it is in it; what arrived stays known."""
    return replace(waybill, declaration_id=None) if waybill.declaration_id == declaration_id else waybill


def reported(waybill: Waybill, arrival: Arrival) -> Waybill:
    """The number with its arrival. The first report stands; one six months after it, or after the number was taken
    and nothing came, is of another parcel."""
    since = waybill.arrived.reported_at if waybill.arrived else waybill.taken_at
    if since + WAYBILL_TAKEN <= arrival.reported_at:
        return replace(waybill, declaration_id=None, taken_at=arrival.reported_at, arrived=arrival)
    return waybill if waybill.arrived else replace(waybill, arrived=arrival)


def is_document_no(transport: Transport) -> bool:
    """Whether the number of the transport document has the shape of its mode.

    Air: three digits of the airline, seven of the serial number, and the serial modulo 7 (IATA resolution 600a).
    Sea and land: 4 to 37 letters, digits, / and - (CEB billNo has 37 characters; carriers choose the rest).
    """
    if transport.mode != "air":
        return _OTHER.fullmatch(transport.document_no) is not None
    if _AIR.fullmatch(transport.document_no) is None:
        return False
    serial, check = transport.document_no[-8:-1], transport.document_no[-1]
    return int(serial) % 7 == int(check)
