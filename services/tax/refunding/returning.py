"""Returning: what goods that go back give back.

A line that goes back gives back its taxes and its share of the quota, in whole or by the part of its quantity; its
shares of freight and insurance go with it. Parts are reckoned from all that has gone back so far, so that all parts
together give back exactly what was levied. Two readings, of which the rule set names one: `pro_rata`, each tax by
quantity; `recomputed`, each tax as levied less what is due on what stays. They differ by cents.
Source: customs announcement 45/2020 (tax not levied or refunded, yearly quota restored, whole or part of a list);
that a part goes by quantity is our reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from msgspec.structs import replace

from services.tax.law.schema import PartReturns
from services.tax.levy import TaxedLine
from services.tax.trace import recomputed
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

    def less(self, other: Restitution) -> Restitution:
        """What of it is given back beyond another."""
        return Restitution(
            customs_duty=self.customs_duty - other.customs_duty,
            consumption_tax=self.consumption_tax - other.consumption_tax,
            value_added_tax=self.value_added_tax - other.value_added_tax,
            quota=self.quota - other.quota,
        )


MEASURE = Decimal("0.00000001")
"""To what a part of a measured quantity is rounded: a gram of five digits is a kilogram of eight."""
Gone = tuple[Decimal, Decimal]
"""How much of a line is gone, and of how much."""


def give_back(
    line: TaxedLine, returned: Returned, reading: PartReturns = "pro_rata", factor: Decimal = Decimal(1)
) -> Restitution:
    """What the part that goes back now gives back of each tax, and of the quota, to the cent.

    `factor` is the levied part of the taxes, as the assessment had it: the recomputed reading asks for it.
    """
    by = READINGS[reading]
    through = by(line, (returned.before + returned.now, returned.quantity), factor)
    return through.less(by(line, (returned.before, returned.quantity), factor))


def by_quantity(line: TaxedLine, gone: Gone, _factor: Decimal) -> Restitution:
    """All that is due back once so much is gone: each amount by quantity, rounded half up to the cent."""
    return Restitution(
        customs_duty=_part(line.customs_duty, gone),
        consumption_tax=_part(line.consumption_tax, gone),
        value_added_tax=_part(line.value_added_tax, gone),
        quota=_part(line.dutiable_value, gone),
    )


def by_what_stays(line: TaxedLine, gone: Gone, factor: Decimal) -> Restitution:
    """The same: what was levied less the taxes of what stays, by the formulas and rates of the assessment."""
    quota = _part(line.dutiable_value, gone)
    back, of = gone
    value, specific = line.dutiable_value - quota, line.specific_tax * (of - back) / of
    stays = recomputed(replace(line, dutiable_value=value, specific_tax=specific), factor)
    return Restitution(
        customs_duty=line.customs_duty - stays.customs_duty,
        consumption_tax=line.consumption_tax - stays.consumption_tax,
        value_added_tax=line.value_added_tax - stays.value_added_tax,
        quota=quota,
    )


def _part(amount: Decimal, gone: Gone) -> Decimal:
    """The whole once all is gone, whatever its last digit; before that no more than the whole, which may lie below
    the cent that its greater part is rounded up to."""
    back, of = gone
    return amount if back == of else min(amount, cents(amount * back / of))


def of_measure(quantity: Decimal, returned: Returned) -> Decimal:
    """Of a line's quantity in whatever unit, what the part that goes back now makes; all parts make the whole."""
    before, now = returned.before, returned.now
    return _measure(quantity, before + now, returned.quantity) - _measure(quantity, before, returned.quantity)


def _measure(quantity: Decimal, gone: Decimal, of: Decimal) -> Decimal:
    return quantity if gone == of else (quantity * gone / of).quantize(MEASURE, ROUND_HALF_UP)


READINGS: Mapping[PartReturns, Callable[[TaxedLine, Gone, Decimal], Restitution]] = {
    "pro_rata": by_quantity,
    "recomputed": by_what_stays,
}
