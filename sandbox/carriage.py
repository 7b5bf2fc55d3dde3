"""Carriage: weights, waybills, transport.

The orders say nothing of it, so it is drawn: what an article weighs, where it was made, which way a parcel goes,
whether it is declared before it arrives, and whether its arrival is ever reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sandbox.chance import Chance
from sandbox.digits import air_waybill, parcel_number
from shared.kernel.goods import Transport

Mode = Literal["air", "sea", "land"]
CARRIERS: dict[Mode, str] = {"air": "CARRIER001", "sea": "CARRIER002", "land": "CARRIER003"}
SERVICES: dict[Mode, str] = {"air": "LX", "sea": "UX", "land": "RX"}
ORIGINS = ("GB",) * 10 + ("IN",) * 4 + ("CN", "DE", "FR", "PL", "PT", "TH")
ON_SITE, NEVER_ARRIVES = 20, 5
"""In a hundred orders: declared on arrival; of these, never reported."""
PLACES = 10_000
"""Orders a run may hold: its waybill serials are run times this plus the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """How one parcel travels."""

    carrier: str
    waybill_no: str
    transport: Transport
    on_site: bool
    never_arrives: bool


def carriage_of(chance: Chance, order_no: str, serial: int, day: date) -> Carriage:
    """The carriage of the order of a day; `serial` is below 10**8 and no other parcel's."""
    drawn = chance.below(100, "mode", order_no)
    mode: Mode = "air" if drawn < 85 else "land" if drawn < 95 else "sea"
    on_site = chance.percent(ON_SITE, "on site", order_no)
    return Carriage(
        carrier=CARRIERS[mode],
        waybill_no=parcel_number(SERVICES[mode], serial, "GB"),
        transport=_transport(chance, mode, day),
        on_site=on_site,
        never_arrives=on_site and chance.percent(NEVER_ARRIVES, "never", order_no),
    )


def _transport(chance: Chance, mode: Mode, day: date) -> Transport:
    serial = chance.below(10**7, "master", mode, day)
    document = {"air": air_waybill("999", serial), "sea": f"LTSU{serial:07d}", "land": f"SRR{serial:07d}"}
    voyage = {"air": f"GG{100 + day.day}", "sea": f"LT{day:%y%m}E", "land": f"X8{day:%m%d}"}
    return Transport(mode=mode, voyage_no=voyage[mode], document_no=document[mode])


def unit_weight(chance: Chance, sku: str) -> Decimal:
    """kg of one piece of an article: 0.02 to 0.60."""
    return Decimal(2 + chance.below(59, "weight", sku)) / 100


def origin_of(chance: Chance, sku: str) -> str:
    """Where an article was made."""
    return chance.pick(ORIGINS, "origin", sku)
