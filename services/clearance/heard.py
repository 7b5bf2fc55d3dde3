"""Heard: what clearance reads of what is said to everybody.

Fields of the contract, under its names; the others are passed over, not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.contracts.tax import TaxAssessed
from shared.kernel.gate import Gate
from shared.kernel.goods import Unit


class DeclaredLine(Struct, frozen=True, kw_only=True):
    """Of a `GoodsLine`: what a permit covers."""

    line_no: int
    goods_code: str
    goods_name: str
    origin_country: str
    quantity: Decimal
    unit: Unit
    total_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSubmitted(Event):
    """Of `DeclarationSubmitted`: what a permit covers, and customs' gate."""

    filed_at: datetime
    mode: Literal["9610", "1210"]
    declarant: str
    seller: str
    platform: str
    order_no: str
    carrier: str
    waybill_no: str
    packages: int
    goods_value: Decimal
    lines: tuple[DeclaredLine, ...]
    content_hash: str
    gate: Gate
    opens = DeclarationSubmitted.opens


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalAssessed(Event):
    """Of `TaxAssessed`: the gate and the sum."""

    gate: Gate
    tax_total: Decimal


Submitted = DeclarationSubmitted | ContentSubmitted
Assessed = TaxAssessed | TotalAssessed
