"""Question: goods, prices, freight, and where to.

A question is put in one currency; a `Proposal` is the same in the currency of one country, beside its law of the
day. Each amount is converted once and rounded half up to the smallest amount of that currency; one that is in it
already stays as it is, as in a filing.
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
from shared.kernel.money import CENT


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
class Measured:
    """An order beside its limit, both in `currency`."""

    value: Decimal
    limit: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A question in one country on one day. Amounts in the currency of the country."""

    question: Question
    """Itself: the amounts before they were converted."""
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
        return value_of(self, "goods")

    def value(self, basis: Basis) -> Decimal:
        """The goods alone, or with freight and insurance."""
        return value_of(self, basis)

    def measured(self, rules: RuleSet) -> Measured:
        """The order beside its limit. One in a currency of its own is held against what was asked, and neither side
        is rounded: in the limit's currency where the question is in it, else both at the rates of the day.
        """
        own, home = rules.limit_currency, self.statute.currency
        if own in {"", home}:
            return Measured(value=measure(self, rules), limit=rules.order_limit, currency=home)
        value = measure(self.question, rules)
        if own == self.question.currency:
            return Measured(value=value, limit=rules.order_limit, currency=own)
        limit = rules.order_limit * self.exchange.rate(own, home, self.day)
        return Measured(value=plain(value * self.rate), limit=plain(limit), currency=home)

    def exceeds(self, rules: RuleSet) -> bool:
        """Whether it is above the order limit, as the rule set reads its bound."""
        order = self.measured(rules)
        return rules.is_beyond(order.value, order.limit)

    def in_question(self, amount: Decimal) -> Decimal:
        """An amount in the currency of the question, half up to the cent; as it is where the country has the same."""
        is_same = self.question.currency == self.home.currency
        return amount if is_same else rounded(amount / self.rate, CENT)


def proposal(question: Question, country: str, day: date, law: Law) -> Proposal:
    """The question in a country on a day. Raises NoRate and NoLaw."""
    home, exchange = law.home(country), law.exchange
    statute, rate = home.on(day, country), exchange.rate(question.currency, home.currency, day)

    def converted(amount: Decimal) -> Decimal:
        return amount if question.currency == home.currency else rounded(amount * rate, home.minor)

    lines = tuple(replace(line, total_price=converted(line.total_price)) for line in question.lines)
    return Proposal(
        question=question,
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


def value_of(order: Question | Proposal, basis: Basis) -> Decimal:
    """The goods alone, or with freight and insurance, in the currency of the order."""
    goods = sum((line.total_price for line in order.lines), Decimal(0))
    return goods if basis == "goods" else goods + order.freight + order.insurance


def measure(order: Question | Proposal, rules: RuleSet) -> Decimal:
    """What is held against the order limit: the order, or the dearest piece."""
    if rules.limit_each == "order":
        return value_of(order, rules.limit_on)
    return max((line.total_price / line.quantity for line in order.lines), default=Decimal(0))


def plain(amount: Decimal) -> Decimal:
    """The same amount without idle zeros."""
    return Decimal(f"{amount.normalize():f}")


def rounded(amount: Decimal, minor: Decimal) -> Decimal:
    """Half up to the smallest amount of a currency."""
    return amount.quantize(minor, ROUND_HALF_UP)
