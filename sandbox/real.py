"""Real orders: as the shop recorded them.

Nothing is cleaned here: missing descriptions and customers, negative quantities and zero prices stay.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

BUNDLED = Path(__file__).parent / "orders" / "online-retail-2010-12.ndjson.gz"
POSTAGE = frozenset({"POST", "DOT", "C2"})
"""Article numbers of postage, web postage and carriage: what the buyer paid for transport."""


class RealLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line as recorded."""

    sku: str
    description: str | None
    quantity: int
    unit_price: Decimal

    @property
    def value(self) -> Decimal:
        """Quantity times price, in the order's currency."""
        return self.quantity * self.unit_price

    @property
    def is_postage(self) -> bool:
        """Whether the line is paid transport and no goods."""
        return self.sku in POSTAGE and self.value >= 0


class RealOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order as recorded."""

    order_no: str
    placed_at: datetime
    customer: str | None
    country: str
    currency: str
    lines: tuple[RealLine, ...]

    @property
    def goods(self) -> tuple[RealLine, ...]:
        """The lines that are no postage, odd ones included."""
        return tuple(line for line in self.lines if not line.is_postage)

    @property
    def postage(self) -> Decimal:
        """What the postage lines add up to."""
        return sum((line.value for line in self.lines if line.is_postage), Decimal(0))


def read_orders(path: Path = BUNDLED) -> Iterator[RealOrder]:
    """The orders of a file, in its order."""
    decoder = msgspec.json.Decoder(RealOrder)
    with gzip.open(path) as file:
        for line in file:
            yield decoder.decode(line)
