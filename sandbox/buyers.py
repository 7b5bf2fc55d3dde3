"""Buyers: made-up people.

The identity numbers have valid check digits and name nobody: their district begins with 99, which no province has.
Names are plainly invented. The same customer is the same buyer throughout a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.chance import Chance
from sandbox.digits import identity_number

_FIRST_DAY, _DAYS = date(1950, 1, 1), 18_262
_FIRST = (
    "Amber", "Brisk", "Copper", "Dapper", "Early", "Frosty", "Gentle", "Hazel", "Ivory", "Jolly", "Keen", "Lucky",
    "Mellow", "Noble", "Olive", "Plucky", "Quiet", "Rusty", "Silver", "Tidy", "Umber", "Velvet", "Witty", "Zesty",
)  # fmt: skip
_LAST = (
    "Otter", "Heron", "Badger", "Teapot", "Lantern", "Sparrow", "Walnut", "Pebble", "Thistle", "Button", "Comet",
    "Fiddle", "Gosling", "Hedgehog", "Inkwell", "Juniper", "Kettle", "Magpie", "Nutmeg", "Puffin",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """An invented person in China."""

    name: str
    id_number: str
    telephone: str
    address: str


def buyer_of(chance: Chance, customer: str) -> Buyer:
    """The buyer that stands for a customer of the shop."""
    born = _FIRST_DAY + timedelta(days=chance.below(_DAYS, "born", customer))
    first, last = chance.pick(_FIRST, "first", customer), chance.pick(_LAST, "last", customer)
    return Buyer(
        name=f"{first} {last}",
        id_number=identity_number(
            f"99{chance.below(10**4, 'district', customer):04d}",
            born.strftime("%Y%m%d"),
            1 + chance.below(999, "sequence", customer),
        ),
        telephone=f"100{chance.below(10**8, 'telephone', customer):08d}",
        address=f"No. {1 + chance.below(400, 'house', customer)}, {last} Lane, Sandbox District, Hangzhou",
    )
