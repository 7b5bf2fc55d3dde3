"""Returning: what goods that go back give back.

A line that goes back gives back its taxes and its share of the quota, in whole or by the part of its quantity.
Parts are reckoned from what has gone back so far, so that all parts together give back exactly what was levied.
Source: customs announcement 45/2020 (tax not levied or refunded, yearly quota restored, whole or part of a list);
that a part goes by quantity is our reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.tax.levy import TaxedLine
from shared.kernel.money import cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """How much of a line goes back, in its unit."""

    quantity: Decimal
    """Of the whole line, as declared."""
    before: Decimal
    """Gone back already."""
    now: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.before <= self.before + self.now <= self.quantity or not self.quantity:
            raise ValueError("no more of a line can go back than was declared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restitution:
    """What is given back, CNY."""

    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal
    quota: Decimal

    @property
    def tax(self) -> Decimal:
        """All three."""
        return self.customs_duty + self.consumption_tax + self.value_added_tax


def give_back(line: TaxedLine, returned: Returned) -> Restitution:
    """What the part that goes back now gives back of each tax, and of the quota, to the cent."""
    return Restitution(
        customs_duty=_part(line.customs_duty, returned),
        consumption_tax=_part(line.consumption_tax, returned),
        value_added_tax=_part(line.value_added_tax, returned),
        quota=_part(line.dutiable_value, returned),
    )


def _part(amount: Decimal, returned: Returned) -> Decimal:
    """The amount due back in all, less what is back already: both rounded half up to the cent."""
    through = cents(amount * (returned.before + returned.now) / returned.quantity)
    return through - cents(amount * returned.before / returned.quantity)
