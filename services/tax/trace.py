"""Trace: how an assessment came about.

`Working` is what every assessment keeps: the numbers that went in and the taxes that came out, with the rates
as they were. `explain` reads it as text. Nothing is assessed again: no rule set and no tariff is asked, and
the figures between (base, statutory tax) follow from the numbers kept by the formulas of `levy`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from services.tax.levy import ONE, TaxedLine, statutory
from services.tax.taxes import Taxes
from shared.kernel.money import ZERO, cents
from shared.kernel.refusal import Fault

DIGITS = Decimal("0.0001")
"""Figures between are shown to four digits; they were never rounded."""


class Working(Struct, frozen=True, kw_only=True):
    """The numbers of one assessment, CNY."""

    goods_value: Decimal
    freight: Decimal
    insurance: Decimal
    year: int
    used: Decimal
    """Of the buyer's quota, before this."""
    reserved: Decimal
    """Of the buyer's quota, before this."""
    factor: Decimal
    tariff: str
    lines: tuple[TaxedLine, ...]
    fault: Fault | None = None

    @property
    def dutiable_value(self) -> Decimal:
        """Of the order."""
        return self.goods_value + self.freight + self.insurance

    @property
    def taxes(self) -> Taxes:
        """Of all lines, tax by tax: sums of rounded taxes."""
        return Taxes(
            customs_duty=sum((line.customs_duty for line in self.lines), ZERO),
            consumption_tax=sum((line.consumption_tax for line in self.lines), ZERO),
            value_added_tax=sum((line.value_added_tax for line in self.lines), ZERO),
        )

    @property
    def tax_total(self) -> Decimal:
        """Of all lines and taxes."""
        return sum((line.tax for line in self.lines), ZERO)


def recomputed(line: TaxedLine, factor: Decimal) -> TaxedLine:
    """The line with its taxes worked out again from the numbers kept: the same, to the cent."""
    owed = statutory(
        line.dutiable_value, line.duty_rate, (line.consumption_rate, line.specific_tax), line.vat_rate
    )
    return replace(
        line,
        customs_duty=cents(owed.duty),
        consumption_tax=cents(owed.consumption * factor),
        value_added_tax=cents(owed.vat * factor),
    )


def explain(working: Working) -> list[str]:
    """The working as text, a step a line."""
    return list(_steps(working))


def why(working: Working) -> str:
    """On what terms retail import takes the goods, or why it does not.

    A rule set may levy the other taxes in full within the limit too: only customs duty tells that an order is above.
    """
    if working.fault is not None:
        return f"refused by {working.fault.rule}: {working.fault.detail} [{working.fault.source}]"
    if working.factor == ONE and any(line.duty_rate for line in working.lines):
        return "above the order limit: full tax, with customs duty"
    if working.factor == ONE:
        return "full tax"
    return f"within the limits: no customs duty, {working.factor} of the other taxes"


def _steps(working: Working) -> Iterator[str]:
    yield (
        f"D of the order = goods {working.goods_value} + freight {working.freight} "
        f"+ insurance {working.insurance} = {working.dutiable_value}"
    )
    yield f"quota of {working.year} before: {working.used} used, {working.reserved} reserved"
    yield why(working)
    if working.fault is not None:
        return
    for line in working.lines:
        yield from _line(line, working.factor)
    yield f"total = {working.tax_total}"


def _line(line: TaxedLine, factor: Decimal) -> Iterator[str]:
    owed = statutory(
        line.dutiable_value, line.duty_rate, (line.consumption_rate, line.specific_tax), line.vat_rate
    )
    name, value = f"line {line.line_no}", line.dutiable_value
    yield (
        f"{name}: {line.goods_code} by heading {line.heading or '(all other goods)'}; "
        f"D = {line.price} + freight {line.freight} + insurance {line.insurance} = {value}"
    )
    if line.duty_rate:
        yield f"{name}: duty = {value} x {line.duty_rate} = {figure(owed.duty)}; levied {line.customs_duty}"
    if owed.consumption:
        yield (
            f"{name}: consumption base = ({value} + {figure(owed.duty)} + {figure(line.specific_tax)}) "
            f"/ (1 - {line.consumption_rate}) = {figure(owed.base)}"
        )
        yield (
            f"{name}: consumption tax = {figure(owed.base)} x {line.consumption_rate} "
            f"+ {figure(line.specific_tax)} = {figure(owed.consumption)}; levied x {factor} = {line.consumption_tax}"
        )
    yield (
        f"{name}: value-added tax = ({value} + {figure(owed.duty)} + {figure(owed.consumption)}) "
        f"x {line.vat_rate} = {figure(owed.vat)}; levied x {factor} = {line.value_added_tax}"
    )


def figure(amount: Decimal) -> str:
    """A figure between, to four digits, without idle zeros."""
    shown = amount.quantize(DIGITS).normalize()
    return f"{shown:f}"
