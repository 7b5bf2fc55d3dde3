"""Levy: what one line owes, by the formulas.

    D  = price + share of freight + share of insurance
    T  = D t                                   customs duty, above the order limit only
    B  = (D + T + Q s) / (1 - c)               base of consumption tax, which is part of its own base
    CT = B c + Q s                             consumption tax, levied CT k
    V  = (D + T + CT) v                        value-added tax on the statutory CT, levied V k

t, c, v are rates; s is CNY a litre and Q the litres; k is the levied factor (0.70 within the limits, 1
above). Every tax of every line is rounded once, half up to the cent; sums are sums of rounded taxes. Source:
notices 18/2016 and 49/2018 of the three ministries; VAT and consumption tax regulations for the bases.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from msgspec import Struct

from services.tax.law.jurisdiction import Rate
from shared.kernel.goods import GoodsLine
from shared.kernel.money import ZERO, cents

NOTHING = Decimal(0)
ONE = Decimal(1)
GRAMS = {"g": ONE, "ml": ONE, "kg": Decimal(1000), "l": Decimal(1000)}
LITRES = {"l": ONE, "ml": Decimal("0.001")}
PIECES = {"piece": ONE}
KILOGRAMS = {"kg": ONE, "g": Decimal("0.001")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms an order is taxed."""

    factor: Decimal
    """Levied part of value-added and consumption tax."""
    bears_duty: bool
    """Whether customs duty is due: above the order limit."""


class TaxedLine(Struct, frozen=True, kw_only=True):
    """One line as assessed: the numbers that went in, and the taxes that came out (CNY)."""

    line_no: int
    goods_code: str
    heading: str
    """Prefix of the tariff that decided."""
    price: Decimal
    freight: Decimal
    insurance: Decimal
    dutiable_value: Decimal
    duty_rate: Decimal
    consumption_rate: Decimal
    specific_tax: Decimal
    """Q s: consumption tax on the quantity, before the factor."""
    vat_rate: Decimal
    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal

    @property
    def tax(self) -> Decimal:
        """All three."""
        return self.customs_duty + self.consumption_tax + self.value_added_tax


class Statutory(Struct, frozen=True):
    """The taxes of a line before factor and rounding."""

    duty: Decimal
    base: Decimal
    consumption: Decimal
    vat: Decimal


def statutory(
    value: Decimal, duty_rate: Decimal, consumption: tuple[Decimal, Decimal], vat: Decimal
) -> Statutory:
    """The formulas themselves; `consumption` is (c, Q s)."""
    rate, specific = consumption
    duty = value * duty_rate
    base = (value + duty + specific) / (ONE - rate) if rate else value + duty + specific
    excise = base * rate + specific
    return Statutory(duty, base, excise, (value + duty + excise) * vat)


def tax_line(line: GoodsLine, shares: tuple[Decimal, Decimal], rate: Rate, terms: Terms) -> TaxedLine:
    """One line taxed with its shares of freight and insurance."""
    freight, insurance = shares
    value = line.total_price + freight + insurance
    duty_rate = rate.duty if terms.bears_duty else NOTHING
    consumption = consumption_of(line, value, rate)
    owed = statutory(value, duty_rate, consumption, rate.vat)
    return TaxedLine(
        line_no=line.line_no,
        goods_code=line.goods_code,
        heading=rate.hs_prefix,
        price=line.total_price,
        freight=freight,
        insurance=insurance,
        dutiable_value=value,
        duty_rate=duty_rate,
        consumption_rate=consumption[0],
        specific_tax=consumption[1],
        vat_rate=rate.vat,
        customs_duty=cents(owed.duty) if owed.duty else ZERO,
        consumption_tax=cents(owed.consumption * terms.factor) if owed.consumption else ZERO,
        value_added_tax=cents(owed.vat * terms.factor),
    )


def consumption_of(line: GoodsLine, value: Decimal, rate: Rate) -> tuple[Decimal, Decimal]:
    """Consumption tax that the line bears: its rate on the value, and its amount on the quantity."""
    if rate.is_high_end_only and not is_high_end(line, value, rate):
        return NOTHING, NOTHING
    specific = rate.specific_per_litre
    return rate.consumption, specific * measured(line, LITRES) if specific else NOTHING


def is_high_end(line: GoodsLine, value: Decimal, rate: Rate) -> bool:
    """Whether the dutiable price of a gram, millilitre or piece reaches the bound of the heading.

    Reading: by weight or volume where the heading has such a bound and the line such a quantity, else by piece.
    """
    grams = measured(line, GRAMS) if rate.high_end_per_g is not None else NOTHING
    if rate.high_end_per_g is not None and grams:
        return value >= rate.high_end_per_g * grams
    return rate.high_end_per_piece is not None and value >= rate.high_end_per_piece * measured(line, PIECES)


def is_measurable(line: GoodsLine, rate: Rate) -> bool:
    """Whether the line carries the quantity that the heading's consumption tax asks for."""
    if rate.specific_per_litre and not measured(line, LITRES):
        return False
    if rate.is_high_end_only:
        return bool(measured(line, PIECES) or (rate.high_end_per_g is not None and measured(line, GRAMS)))
    return True


def measured(line: GoodsLine, units: dict[str, Decimal]) -> Decimal:
    """The quantity of the whole line in one kind of unit, statutory quantities first; 0 when it has none."""
    if line.first_unit in units:
        return line.first_quantity * units[line.first_unit]
    if line.second_unit in units and line.second_quantity is not None:
        return line.second_quantity * units[line.second_unit]
    return line.quantity * units[line.unit] if line.unit in units else NOTHING
