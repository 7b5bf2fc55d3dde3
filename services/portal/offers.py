"""Offers: a quote's answer as a picture and as cards.

Pure. Amounts stay as the tax service wrote them; only the length of bars is worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WHOLE = 1000
"""Length of the longest bar."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a bar."""

    kind: str
    """goods, carriage or tax."""
    start: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One channel of one country."""

    anchor: str
    country: str
    told: Mapping[str, Any]
    """As the tax service answered."""
    parts: tuple[Part, ...]
    """Its bar; none where it is closed."""
    taxes: tuple[tuple[str, Decimal], ...]
    """Each kind of tax over all lines."""

    @property
    def carriage(self) -> Decimal:
        """Freight and insurance."""
        return Decimal(self.told["freight"]) + Decimal(self.told["insurance"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Every channel, country by country as they were asked for."""

    cards: tuple[Card, ...]

    @property
    def countries(self) -> dict[str, list[Card]]:
        """The cards by the name of their country."""
        found: dict[str, list[Card]] = {}
        for card in self.cards:
            found.setdefault(card.country, []).append(card)
        return found

    @property
    def is_demonstration(self) -> bool:
        """Whether some tariff is made up."""
        return any(str(card.told["tariff"]).endswith("-demo") for card in self.cards)


def compared(offers: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Compared:
    """The offers of a quote; `names` are those of the countries."""
    dearest = max((_landed(offer) for offer in offers), default=_ZERO)
    return Compared(cards=tuple(_card(offer, names, dearest) for offer in offers))


def _card(offer: Mapping[str, Any], names: Mapping[str, str], dearest: Decimal) -> Card:
    country = str(offer["country"])
    return Card(
        anchor=f"{country}-{offer['channel']}".lower(),
        country=names.get(country, country),
        told=offer,
        parts=_parts(offer, dearest),
        taxes=_taxes(offer),
    )


def _landed(offer: Mapping[str, Any]) -> Decimal:
    return Decimal(offer["landed_cost_in_quote_currency"] or 0)


def _parts(offer: Mapping[str, Any], dearest: Decimal) -> tuple[Part, ...]:
    """Goods, carriage and tax, end to end; all in the currency of the question, so that bars compare."""
    if not dearest or not offer["landed_cost"] or not Decimal(offer["landed_cost"]):
        return ()
    each = _landed(offer) / Decimal(offer["landed_cost"]) / dearest * WHOLE
    amounts = (
        ("goods", Decimal(offer["goods_value"])),
        ("carriage", Decimal(offer["freight"]) + Decimal(offer["insurance"])),
        ("tax", Decimal(offer["tax_total"])),
    )
    made, reached = [], _ZERO
    for kind, amount in amounts:
        start, reached = round(reached), reached + amount * each
        made.append(Part(kind=kind, start=start, length=round(reached) - start))
    return tuple(part for part in made if part.length)


def _taxes(offer: Mapping[str, Any]) -> tuple[tuple[str, Decimal], ...]:
    found: dict[str, Decimal] = {}
    for line in offer["lines"]:
        for charge in line["charges"]:
            found[charge["tax"]] = found.get(charge["tax"], _ZERO) + Decimal(charge["amount"])
    return tuple(found.items())
