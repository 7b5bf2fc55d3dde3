"""Goods: one declared line, and what vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Unit = Literal["piece", "kg", "g", "l", "ml"]
"""Units of quantity; docs/fields.md maps them to the national three-digit codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsLine:
    """One line of the list (CEB621 InventoryList): goods, origin, quantities, price in CNY."""

    line_no: int
    """1..99, without gaps (CEB gnum)."""
    goods_code: str
    """Ten digits of the national tariff (CEB gcode); the first six are the HS code."""
    goods_name: str
    specification: str = ""
    """Brand, model, contents (CEB gmodel)."""
    origin_country: str
    """ISO 3166-1 alpha-2 of the country of origin (CEB country)."""
    quantity: Decimal
    unit: Unit
    first_quantity: Decimal
    """Statutory quantity in `first_unit`, of the whole line (CEB qty1)."""
    first_unit: Unit
    second_quantity: Decimal | None = None
    second_unit: Unit | None = None
    price: Decimal
    """CNY per `unit`; 0 marks a gift."""
    total_price: Decimal
    """CNY of the line: `quantity` times `price`, to the cent."""
    item_no: str = ""
    """The seller's own article number (CEB itemNo)."""
    item_record_no: str = ""
    """Number of the goods in the bonded book; required for mode 1210."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """How much of a declared line goes back (CEB625 gnum, qty)."""

    line_no: int
    quantity: Decimal
    """In the line's own unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedPart:
    """How much of a declared line goes back, of how much."""

    line_no: int
    quantity: Decimal
    declared: Decimal
    """Of the whole line, in the same unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A reference to a paper that vouches for goods."""

    kind: str
    """One of `shared/kernel/papers.py` PAPER_KINDS."""
    number: str
    issued_by: str
    """ISO 3166-1 alpha-2 of the issuing country."""
    valid_until: date
    line_nos: tuple[int, ...] = ()
    """The lines it covers; empty means all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How the parcel crosses the border (CEB trafMode, voyageNo, billNo)."""

    mode: Literal["air", "sea", "land"]
    voyage_no: str = ""
    """Flight, voyage or vehicle number."""
    document_no: str
    """Master transport document: air waybill, bill of lading, consignment note."""
