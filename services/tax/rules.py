"""Rules: may it come in as retail goods?

Each rule takes a case and returns its fault, or nothing; the first fault refuses the version. A rule is one
small function that names its units; `RULES` at the foot lists them in order. The law behind them is the rule
set's own `source`, which every fault carries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from services.tax.law.jurisdiction import Rate
from services.tax.law.schema import RuleSet
from services.tax.levy import ONE, Terms, is_measurable
from services.tax.notes import NoteKey, YearNote, in_unit, noted_in, year_note
from services.tax.quota import Quota
from shared.kernel.goods import GoodsLine
from shared.kernel.ids import BuyerToken, DeclarationId
from shared.kernel.money import ZERO
from shared.kernel.refusal import Fault


class Filing(Protocol):
    """What tax reads of a submitted version (amounts in CNY)."""

    @property
    def declaration_id(self) -> DeclarationId: ...
    @property
    def version(self) -> int: ...
    @property
    def parties(self) -> tuple[str, ...]: ...
    @property
    def filed_at(self) -> datetime: ...
    @property
    def buyer(self) -> BuyerToken: ...
    @property
    def declarant(self) -> str: ...
    @property
    def guarantor(self) -> str: ...
    @property
    def goods_value(self) -> Decimal: ...
    @property
    def freight(self) -> Decimal: ...
    @property
    def insurance(self) -> Decimal: ...
    @property
    def lines(self) -> tuple[GoodsLine, ...]: ...


class Case(Struct, frozen=True):
    """A filing beside the law of its day and the quota of its buyer."""

    filing: Filing
    rules: RuleSet
    rates: Sequence[Rate]
    """One for each line."""
    marked: Sequence[tuple[GoodsLine, Rate]]
    """The lines that their rate asks more of: a quantity, or what the positive list says."""
    quota: Quota
    dutiable_value: Decimal
    """Actual transaction price: goods, freight and insurance; vouchers and points are not deducted."""
    notes: Mapping[NoteKey, YearNote]
    """The buyer's years of noted goods, as far as this filing touches any."""

    @property
    def exceeds_order_limit(self) -> bool:
        """Whether full tax, with duty, would be due."""
        return self.rules.is_beyond(self.dutiable_value, self.rules.order_limit)

    @property
    def may_exceed(self) -> bool:
        """Whether the order is one indivisible item within the year, where such may exceed the order limit."""
        is_lone = self.rules.one_item_may_exceed and is_one_item(self.filing.lines, self.rules)
        return is_lone and item_fits(self.dutiable_value, self.rules)

    @property
    def terms(self) -> Terms:
        """Reduced within the order limit, in full above it."""
        if self.exceeds_order_limit:
            return Terms(factor=ONE, bears_duty=True)
        return Terms(factor=self.rules.factor, bears_duty=False)


def is_one_item(lines: Sequence[GoodsLine], rules: RuleSet) -> bool:
    """A single line of one piece; gifts beside it count or not, as the rule set reads."""
    if rules.readings.gift_lines == "pass":
        lines = [line for line in lines if line.total_price]
    return len(lines) == 1 and lines[0].quantity == 1 and lines[0].unit == "piece"


def must_have_a_value_to_share_by(case: Case) -> Fault | None:
    """Freight and insurance are shared by line value, so some line must have one."""
    if any(line.total_price for line in case.filing.lines) or not case.dutiable_value:
        return None
    return Fault(
        pointer="/list/lines",
        code="E-TAX-VALUE",
        rule="must_have_a_value_to_share_by",
        detail="every line is a gift, so nothing says which of them bears freight and insurance",
        fix="state the price of at least one line",
        source=case.rules.source,
    )


def must_be_listed(case: Case) -> Fault | None:
    """No line of goods that the positive list leaves out. Source: the list of the day."""
    for line, rate in case.marked:
        listing = rate.listing
        if listing is not None and listing.listed == "no":
            return Fault(
                pointer=f"/list/lines/{line.line_no - 1}/goods_code",
                code="E-LIST-NOT",
                rule="must_be_listed",
                detail=f"line {line.line_no}: {listing.goods} ({listing.hs_prefix}) is not on the positive list",
                fix="take the line out, or import it as general trade, which is not open here",
                source=listing.source,
            )
    return None


def must_state_the_noted_quantity(case: Case) -> Fault | None:
    """A line of noted goods states them in the note's unit (kilograms, litres, pieces); none is guessed."""
    for line, rate in case.marked:
        listing = rate.listing
        if listing is not None and listing.year_unit and not in_unit(line, listing.year_unit):
            return Fault(
                pointer=f"/list/lines/{line.line_no - 1}/first_quantity",
                code="E-LIST-NOTE",
                rule="must_state_the_noted_quantity",
                detail=f"line {line.line_no}: {listing.goods} is counted in {listing.year_unit} a person and year",
                fix=f"state the first or second statutory quantity in {listing.year_unit}",
                source=listing.source,
            )
    return None


def must_keep_the_note(case: Case) -> Fault | None:
    """Used, reserved and this together within what the note lets a buyer have in a year (kg, litres, pieces)."""
    for listing, asked in noted_in(case.marked).items():
        allowed, unit = listing.year_quantity or ZERO, asked.unit
        year = year_note(case.notes, asked.key(*case.quota.key))
        left = year.left(allowed)
        if asked.quantity > left:
            at = next(line for line, rate in case.marked if rate.listing == listing).line_no - 1
            return Fault(
                pointer=f"/list/lines/{at}/first_quantity",
                code="E-LIST-NOTE",
                rule="must_keep_the_note",
                detail=(
                    f"{asked.quantity:f} {unit} of {listing.goods} exceeds what the buyer has left of "
                    f"{allowed} {unit} a person and year: {year.used:f} used, {year.reserved:f} reserved, "
                    f"{left:f} left for {year.key.year}"
                ),
                fix=f"order at most {left:f} {unit}, or file from {case.quota.resets_on} (Asia/Shanghai) on",
                source=listing.source,
            )
    return None


def must_fit_the_order_limit(case: Case) -> Fault | None:
    """Dutiable value within the order limit (CNY), or one indivisible item below the year limit."""
    if not case.exceeds_order_limit or case.may_exceed:
        return None
    lone = f", and the order is not one indivisible item below {case.rules.year_limit}"
    return Fault(
        pointer="/list/lines",
        code="E-LIMIT-ORDER",
        rule="must_fit_the_order_limit",
        detail=(
            f"dutiable value {case.dutiable_value} {beyond(case.dutiable_value, case.rules.order_limit)} an order"
            f"{lone if case.rules.one_item_may_exceed else ''}"
        ),
        fix="import it as general trade, which is not open here, or order less",
        source=case.rules.source,
    )


def beyond(value: Decimal, limit: Decimal) -> str:
    """How a value is beyond a limit: one that is the limit itself, where that is excluded, does not exceed it."""
    return f"{'exceeds' if value > limit else 'is not below'} {limit}"


def item_fits(value: Decimal, rules: RuleSet) -> bool:
    """Whether one indivisible item of this value is within the year limit; at it only by that reading."""
    included = rules.readings.item_at_year_limit == "included"
    return value < rules.year_limit or (included and value == rules.year_limit)


def must_fit_the_year(case: Case) -> Fault | None:
    """Used, reserved and this together within the buyer's year limit (CNY)."""
    left = case.quota.left(case.rules.year_limit)
    if case.dutiable_value <= left:
        return None
    return Fault(
        pointer="/list/lines",
        code="E-LIMIT-YEAR",
        rule="must_fit_the_year",
        detail=(
            f"dutiable value {case.dutiable_value} exceeds what the buyer has left of {case.rules.year_limit} "
            f"for {case.quota.year}: {case.quota.used} used, {case.quota.reserved} reserved, "
            f"{max(left, ZERO)} left"
        ),
        fix=f"order at most {max(left, ZERO)}, or file from {case.quota.resets_on} (Asia/Shanghai) on",
        source=case.rules.source,
    )


def must_be_measurable(case: Case) -> Fault | None:
    """Consumption tax by the litre, gram or piece needs that quantity; none is guessed."""
    for line, rate in case.marked:
        if not is_measurable(line, rate):
            return Fault(
                pointer=f"/list/lines/{line.line_no - 1}/first_quantity",
                code="E-TAX-UNIT",
                rule="must_be_measurable",
                detail=f"line {line.line_no}: consumption tax of heading {rate.hs_prefix} goes by quantity",
                fix="state a statutory quantity in litres or millilitres, kilograms or grams, or pieces",
                source=case.rules.source,
            )
    return None


RULES: tuple[Callable[[Case], Fault | None], ...] = (
    must_have_a_value_to_share_by,
    must_be_listed,
    must_state_the_noted_quantity,
    must_keep_the_note,
    must_be_measurable,
    must_fit_the_order_limit,
    must_fit_the_year,
)
