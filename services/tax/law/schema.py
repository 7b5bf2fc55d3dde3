"""Schema: what a rule set says, the same for every jurisdiction.

A rule set is one channel over one stretch of days: whom it admits, what is levied, who collects, by what text.
Amounts are Decimal in the currency of the jurisdiction, rates are parts of 1, days are those of its own zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Confidence = Literal["high", "medium", "low", "demo"]
"""high: primary text, or sources that agree; medium: one secondary source; low: our reading; demo: made up."""
Basis = Literal["goods", "cif"]
"""goods: the price of the goods alone; cif: with freight and insurance."""

PartReturns = Literal["pro_rata", "recomputed"]
"""How the return of part of a line is reckoned."""

ZERO = Decimal(0)
ONE = Decimal(1)
NO_LIMIT = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Where the texts allow two readings: the one in force."""

    item_at_year_limit: Literal["excluded", "included"] = "excluded"
    """Whether a single item of exactly the year limit is still within it."""
    gift_lines: Literal["count", "pass"] = "count"
    """Whether a gift line beside a single item makes two items of it."""
    vat_on_flat_duty: Literal["yes", "no"] = "no"
    """Whether a flat duty by item is part of the value that value-added tax is due on."""
    limit_itself: Literal["included", "excluded"] = "included"
    """Whether an order of exactly the order limit is still within it."""
    part_returns: PartReturns = "pro_rata"
    """What part of a line gives back: each tax by quantity, or as levied less what is due on what stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Customs duty of a channel."""

    rate: Literal["none", "tariff"] = "none"
    """none: free of duty; tariff: the rate of the tariff line."""
    on: Basis = "cif"
    surcharge: Decimal = ZERO
    """Part of the value, beside the tariff's rate."""
    each_subheading: Decimal = ZERO
    """A flat amount for every tariff subheading in the consignment."""
    above_limit_only: bool = False
    """Due only above the order limit, where one item may exceed it."""
    free_up_to: Decimal = ZERO
    """Goods of a consignment that are worth no more bear none, in the jurisdiction's currency."""
    digits: int = 6
    """Digits of the code that tell subheadings apart."""

    def __post_init__(self) -> None:
        if min(self.surcharge, self.each_subheading, self.free_up_to) < 0 or self.digits not in (4, 6, 8, 10):
            raise ValueError(
                "duty needs surcharge, each_subheading and free_up_to of 0 or more, digits of 4, 6, 8 or 10"
            )

    @property
    def is_due(self) -> bool:
        """Whether the channel bears duty by value."""
        return self.rate == "tariff" or bool(self.surcharge)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueAddedTax:
    """Value-added tax of a channel, or what stands for it."""

    rate: Literal["none", "class"] = "none"
    """none: free; class: the rate in force for the class of the tariff line, in the country of destination."""
    name: str = "value-added tax"
    on: Basis = "cif"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """One channel of one jurisdiction, from a day to a day (both included)."""

    name: str
    channel: str
    title: str
    valid_from: date
    valid_to: date | None = None
    source: str
    confidence: Confidence
    note: str = ""
    after_gap: str = ""
    """Why nothing of the channel is kept for the days before it; without a reason there may be no such days."""
    collected_by: str
    """Who owes the tax to customs or the treasury."""

    needs: tuple[str, ...] = ()
    """What must be at hand to use the channel, a sentence each."""

    order_limit: Decimal = NO_LIMIT
    """Value of one order, itself included unless the reading says otherwise."""
    limit_on: Basis = "cif"
    limit_each: Literal["order", "piece"] = "order"
    limit_currency: str = ""
    """Of `order_limit`, where it is not the jurisdiction's own."""
    year_limit: Decimal = NO_LIMIT
    """Dutiable value of one buyer in one calendar year, itself included."""
    one_item_may_exceed: bool = False
    """One indivisible item above the order limit may pass, with full tax."""
    listed_goods_only: bool = False
    """Only goods of the positive list."""
    dispatched_from: tuple[str, ...] = ()
    """Countries of dispatch that it is for; none: all."""
    not_dispatched_from: tuple[str, ...] = ()
    not_of_origin: tuple[str, ...] = ()
    """Countries of origin whose goods it is closed to."""

    factor: Decimal = ONE
    """Levied part of the statutory value-added and consumption tax within the order limit; above it is 1."""
    waived_up_to: Decimal = ZERO
    """No tax is due where all taxes of the order come to no more."""
    duty: Duty = field(default_factory=Duty)
    consumption: Literal["none", "tariff"] = "none"
    vat: ValueAddedTax = field(default_factory=ValueAddedTax)
    personal: Literal["none", "class"] = "none"
    """One tax in place of all others, by class of the tariff line: China's tax on personal articles."""
    readings: Readings = field(default_factory=Readings)

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        if not 0 < self.order_limit <= self.year_limit:
            raise ValueError("needs 0 < order_limit <= year_limit")
        if not 0 < self.factor <= 1:
            raise ValueError("needs 0 < factor <= 1")
        if self.waived_up_to < 0:
            raise ValueError("needs 0 <= waived_up_to")

    def is_beyond(self, value: Decimal, limit: Decimal) -> bool:
        """Whether a value is beyond the limit of an order, as the set reads its bound."""
        return value > limit or (value == limit and self.readings.limit_itself == "excluded")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRate:
    """A rate by class, from a day to a day."""

    tax: Literal["vat", "personal"]
    goods_class: str
    """Class of goods, as tariff lines name it: standard, reduced, low, middle, high."""
    country: str = ""
    """Member state, where rates differ by it."""
    rate: Decimal
    valid_from: date
    valid_to: date | None = None
    source: str
    confidence: Confidence

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("ends before it begins")
        if not 0 <= self.rate <= 1:
            raise ValueError("needs 0 <= rate <= 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country of destination in the jurisdiction: its midnight decides."""

    code: str
    name: str
    zone: str
