"""Question: goods, prices, freight, and where to.

A question is put in one currency; a `Proposal` is the same in the currency of one country, beside its law of the
day. Each amount is converted once and rounded half up to the smallest amount of that currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.tax.law.book import Law
from services.tax.law.exchange import Exchange
from services.tax.law.jurisdiction import Jurisdiction, Rate, Statute
from services.tax.law.schema import Basis, RuleSet
from services.tax.notes import NoteKey, YearNote
from services.tax.quota import Quota
from shared.kernel.goods import GoodsLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. Amounts in `currency`."""

    to: tuple[str, ...]
    """Countries of destination."""
    on: date | None
    """The day that decides; today in each country's own zone where none is named."""
    dispatch_country: str
    currency: str
    lines: tuple[GoodsLine, ...]
    freight: Decimal
    insurance: Decimal
    quota: Quota | None = None
    """Of the buyer, where one is named: CNY."""
    notes: Mapping[NoteKey, YearNote] = field(default_factory=dict)
    """Of the buyer's year of noted goods, where one is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A question in one country on one day. Amounts in the currency of the country."""

    home: Jurisdiction
    statute: Statute
    day: date
    """The day that decides, in the country's own zone."""
    exchange: Exchange
    rate: Decimal
    """Units of the country's currency for one of the question's."""
    dispatch_country: str
    lines: tuple[GoodsLine, ...]
    rates: Sequence[Rate]
    freight: Decimal
    insurance: Decimal
    quota: Quota | None
    notes: Mapping[NoteKey, YearNote]

    @property
    def goods_value(self) -> Decimal:
        """The goods alone."""
        return sum((line.total_price for line in self.lines), Decimal(0))

    def value(self, basis: Basis) -> Decimal:
        """The goods alone, or with freight and insurance."""
        return self.goods_value if basis == "goods" else self.goods_value + self.freight + self.insurance

    def limit(self, rules: RuleSet) -> Decimal:
        """The order limit in the country's currency."""
        if not rules.limit_currency or not rules.order_limit.is_finite():
            return rules.order_limit
        rate = self.exchange.rate(rules.limit_currency, self.statute.currency, self.day)
        return rounded(rules.order_limit * rate, self.home.minor)

    def measure(self, rules: RuleSet) -> Decimal:
        """What is held against the order limit: the order, or the dearest piece."""
        if rules.limit_each == "order":
            return self.value(rules.limit_on)
        return max((line.total_price / line.quantity for line in self.lines), default=Decimal(0))

    def exceeds(self, rules: RuleSet) -> bool:
        """Whether it is above the order limit, as the rule set reads its bound."""
        measure, limit = self.measure(rules), self.limit(rules)
        return measure > limit or (measure == limit and rules.readings.limit_itself == "excluded")


def proposal(question: Question, country: str, day: date, law: Law) -> Proposal:
    """The question in a country on a day. Raises NoRate and NoLaw."""
    home, exchange = law.home(country), law.exchange
    statute, rate = home.on(day, country), exchange.rate(question.currency, home.currency, day)

    def converted(amount: Decimal) -> Decimal:
        return rounded(amount * rate, home.minor)

    lines = tuple(replace(line, total_price=converted(line.total_price)) for line in question.lines)
    return Proposal(
        home=home,
        statute=statute,
        day=day,
        exchange=exchange,
        rate=rate,
        dispatch_country=question.dispatch_country,
        lines=lines,
        rates=[statute.rate_of(line.goods_code) for line in lines],
        freight=converted(question.freight),
        insurance=converted(question.insurance),
        quota=question.quota,
        notes=question.notes,
    )


def rounded(amount: Decimal, minor: Decimal) -> Decimal:
    """Half up to the smallest amount of a currency."""
    return amount.quantize(minor, ROUND_HALF_UP)
