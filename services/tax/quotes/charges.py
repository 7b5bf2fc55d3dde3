"""Charges: what a channel levies on each line, with formula and source.

    duty = V t, and a flat amount for each subheading, on its first line
    CT   = B c + Q s  on  B = (D + duty + Q s) / (1 - c)      levied times the factor
    VAT  = (V + duty + CT) v                                 levied times the factor
    or one tax on personal articles = V p in place of all three

V is the goods alone or with freight and insurance (D), as the rule set says. The same formulas as `levy`, for
every jurisdiction; each tax of each line is rounded once, half up to the smallest amount of the currency.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.tax.law.jurisdiction import Rate
from services.tax.law.schema import ONE, ZERO, Basis, RuleSet
from services.tax.levy import consumption_of
from services.tax.quotes.question import Proposal, rounded
from services.tax.trace import figure
from shared.kernel import nomenclature
from shared.kernel.goods import GoodsLine
from shared.kernel.money import apportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One tax of one line."""

    tax: str
    amount: Decimal
    formula: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedLine:
    """A line with its value and taxes, in the currency of the country."""

    line_no: int
    goods_code: str
    heading: str
    price: Decimal
    freight: Decimal
    insurance: Decimal
    charges: tuple[Charge, ...]

    @property
    def goods(self) -> str:
        """What the nomenclature calls them."""
        return nomenclature.name_of(self.goods_code)

    @property
    def tax(self) -> Decimal:
        """All taxes of the line."""
        return sum((charge.amount for charge in self.charges), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """One line under one rule set, being worked out."""

    rules: RuleSet
    rate: Rate
    goods: Decimal
    cif: Decimal
    factor: Decimal
    bears_duty: bool
    flat: Decimal
    minor: Decimal

    @classmethod
    def of(
        cls,
        asked: Proposal,
        rules: RuleSet,
        rate: Rate,
        amounts: tuple[Decimal, Decimal, Decimal],
        above: bool,
    ) -> _Sum:
        """Of a line: its price, its freight and insurance, its flat duty; above the order limit or not."""
        price, carriage, flat = amounts
        return cls(
            rules=rules,
            rate=rate,
            goods=price,
            cif=price + carriage,
            factor=ONE if above else rules.factor,
            bears_duty=bears_duty(asked, rules, above=above),
            flat=flat,
            minor=asked.home.minor,
        )

    def value(self, basis: Basis) -> Decimal:
        return self.goods if basis == "goods" else self.cif


def charge_all(asked: Proposal, rules: RuleSet) -> tuple[ChargedLine, ...]:
    """Every line of a proposal, charged under a rule set that admits it."""
    weights = [line.total_price for line in asked.lines]
    freight = apportion(asked.freight, weights, asked.home.minor)
    insurance = apportion(asked.insurance, weights, asked.home.minor)
    flat = list(flat_duties(asked, rules))
    above = asked.exceeds(rules)
    shares = zip(asked.lines, asked.rates, freight, insurance, flat, strict=True)
    return tuple(
        _charged(line, (f, i), _Sum.of(asked, rules, rate, (line.total_price, f + i, fixed), above))
        for line, rate, f, i, fixed in shares
    )


def bears_duty(asked: Proposal, rules: RuleSet, *, above: bool) -> bool:
    """Whether the lines bear duty by value: not below the relief, nor within a limit that frees of it."""
    relief = rules.duty.free_up_to
    is_relieved = bool(relief) and asked.goods_value <= relief
    return rules.duty.is_due and not is_relieved and (above or not rules.duty.above_limit_only)


def flat_duties(asked: Proposal, rules: RuleSet) -> Iterator[Decimal]:
    """The flat duty of each subheading, on the first line that is of it."""
    seen: set[str] = set()
    for line in asked.lines:
        subheading = line.goods_code[: rules.duty.digits]
        yield ZERO if subheading in seen else rules.duty.each_subheading
        seen.add(subheading)


def _charged(line: GoodsLine, shares: tuple[Decimal, Decimal], due: _Sum) -> ChargedLine:
    return ChargedLine(
        line_no=line.line_no,
        goods_code=line.goods_code,
        heading=due.rate.hs_prefix,
        price=line.total_price,
        freight=shares[0],
        insurance=shares[1],
        charges=tuple(_personal(due) if due.rules.personal == "class" else _three(line, due)),
    )


def _personal(due: _Sum) -> Iterator[Charge]:
    """One tax on personal articles, on the value of the goods."""
    value, rate = due.value(due.rules.duty.on), due.rate.personal
    amount = rounded(value * rate, due.minor)
    yield Charge(
        tax="tax on personal articles",
        amount=amount,
        formula=f"{value} x {rate} = {figure(value * rate)}; levied {amount}",
        source=due.rate.personal_source,
        confidence=due.rate.confidence,
    )


def _three(line: GoodsLine, due: _Sum) -> Iterator[Charge]:
    """Duty, consumption tax, value-added tax, each on those before it."""
    duty = ZERO
    if due.bears_duty:
        duty = due.value(due.rules.duty.on) * (_duty_rate(due) + due.rules.duty.surcharge)
        yield _duty(due, duty)
    if due.flat:
        yield _flat(due)
    excise = ZERO
    if due.rules.consumption == "tariff":
        consumption = consumption_of(line, due.cif, due.rate)
        base = (due.cif + duty + consumption[1]) / (ONE - consumption[0])
        excise = base * consumption[0] + consumption[1]
        if excise:
            yield _excise(due, duty, consumption, (base, excise))
    if due.rules.vat.rate == "class" and due.rate.vat:
        yield _vat(due, duty, excise)


def _duty_rate(due: _Sum) -> Decimal:
    return due.rate.duty if due.rules.duty.rate == "tariff" else ZERO


def _duty(due: _Sum, duty: Decimal) -> Charge:
    value, amount, surcharge = (
        due.value(due.rules.duty.on),
        rounded(duty, due.minor),
        due.rules.duty.surcharge,
    )
    rate = f"({_duty_rate(due)} + surcharge {surcharge})" if surcharge else f"{_duty_rate(due)}"
    return Charge(
        tax="customs duty",
        amount=amount,
        formula=f"{value} x {rate} = {figure(duty)}; levied {amount}",
        source=f"heading {due.rate.hs_prefix or '(all other goods)'}: {due.rate.source}",
        confidence=due.rate.confidence,
    )


def _flat(due: _Sum) -> Charge:
    return Charge(
        tax="flat customs duty",
        amount=due.flat,
        formula=f"{due.flat} for the first line of its subheading ({due.rules.duty.digits} digits)",
        source=due.rules.source,
        confidence=due.rules.confidence,
    )


def _excise(
    due: _Sum, duty: Decimal, consumption: tuple[Decimal, Decimal], worked: tuple[Decimal, Decimal]
) -> Charge:
    (rate, specific), (base, excise) = consumption, worked
    amount = rounded(excise * due.factor, due.minor)
    return Charge(
        tax="consumption tax",
        amount=amount,
        formula=(
            f"({due.cif} + {figure(duty)} + {figure(specific)}) / (1 - {rate}) x {rate} + {figure(specific)} "
            f"= {figure(excise)} on {figure(base)}; levied x {due.factor} = {amount}"
        ),
        source=f"heading {due.rate.hs_prefix or '(all other goods)'}: {due.rate.source}",
        confidence=due.rate.confidence,
    )


def _vat(due: _Sum, duty: Decimal, excise: Decimal) -> Charge:
    value = due.value(due.rules.vat.on)
    duties = duty + (due.flat if due.rules.readings.vat_on_flat_duty == "yes" else ZERO)
    tax = (value + duties + excise) * due.rate.vat
    amount = rounded(tax * due.factor, due.minor)
    return Charge(
        tax=due.rules.vat.name,
        amount=amount,
        formula=(
            f"({value} + {figure(duties)} + {figure(excise)}) x {due.rate.vat} "
            f"= {figure(tax)}; levied x {due.factor} = {amount}"
        ),
        source=due.rate.vat_source,
        confidence=due.rate.vat_confidence,
    )
