"""Codes: what may not pass, and what is cheaper than it can be.

Demonstration data: the national positive list and the filed prices are not public in open form.
"""

from __future__ import annotations

from decimal import Decimal

from shared.kernel.goods import Unit

NOT_LISTED: dict[str, str] = {
    "01": "live animals",
    "2402": "cigars and cigarettes",
    "2844": "radioactive elements",
    "3601": "propellent powders",
    "3602": "explosives",
    "3604": "fireworks",
    "4907": "banknotes and stamps",
    "7108": "gold",
    "93": "arms and ammunition",
    "9705": "collections and antiquities",
}
"""Demonstration data: headings and chapters that no retail list admits; the real list names what it does admit."""

FLOORS: dict[tuple[str, Unit], Decimal] = {
    ("3303", "piece"): Decimal(20),
    ("8471", "piece"): Decimal(300),
    ("8517", "piece"): Decimal(50),
    ("8525", "piece"): Decimal(200),
    ("9101", "piece"): Decimal(500),
    ("7113", "g"): Decimal(3),
    ("2204", "l"): Decimal(15),
    ("2208", "l"): Decimal(30),
    ("1901", "kg"): Decimal(20),
}
"""Demonstration data: CNY per unit under which a price of that heading is doubted."""

COSMETICS = ("3303", "3304")
"""Perfume and make-up: the headings with a consumption tax that begins at a unit price."""
