"""Taxes: the three of an import, in CNY.

They are owed, billed and given back apart: the national tax bill (CEB816) names each.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from shared.kernel.money import ZERO


class Taxes(Struct, frozen=True, kw_only=True):
    """Amounts by tax."""

    customs_duty: Decimal = ZERO
    consumption_tax: Decimal = ZERO
    value_added_tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All three."""
        return self.customs_duty + self.consumption_tax + self.value_added_tax

    def less(self, other: Taxes) -> Taxes:
        """What is left of each; none can be less than nothing."""
        left = Taxes(
            customs_duty=self.customs_duty - other.customs_duty,
            consumption_tax=self.consumption_tax - other.consumption_tax,
            value_added_tax=self.value_added_tax - other.value_added_tax,
        )
        if min(left.customs_duty, left.consumption_tax, left.value_added_tax) < 0:
            raise ValueError("more of a tax would be given back than is owed")
        return left


NOTHING = Taxes()


def sum_of(amounts: Iterable[Taxes]) -> Taxes:
    """All together, tax by tax."""
    added = list(amounts)
    return Taxes(
        customs_duty=sum((each.customs_duty for each in added), ZERO),
        consumption_tax=sum((each.consumption_tax for each in added), ZERO),
        value_added_tax=sum((each.value_added_tax for each in added), ZERO),
    )
