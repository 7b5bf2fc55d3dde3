"""Quote shown: the channels side by side."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from services.tax.law.schema import NO_LIMIT, RuleSet
from services.tax.quotes.charges import ChargedLine
from services.tax.quotes.offers import Offer

ELSEWHERE = "Which papers another country than China asks for is not kept here."
AWAY = "Quarantine does not answer now: which papers China asks for is not known. Ask again in a few seconds."
NONE = "China's quarantine asks for no papers and inspects nothing of these goods"
SOME = "China's quarantine asks for papers, inspects or refuses some of these goods: see requirements"


class OfferedRulesOut(BaseModel):
    """The rule set of an offer."""

    name: str
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str = Field(description="high, medium, low; demo: made up.")
    note: str
    order_limit: Decimal | None
    order_limit_currency: str
    year_limit: Decimal | None

    @classmethod
    def of(cls, rules: RuleSet, currency: str) -> Self:
        """As shown."""
        return cls(
            name=rules.name,
            valid_from=rules.valid_from,
            valid_to=rules.valid_to,
            source=rules.source,
            confidence=rules.confidence,
            note=rules.note,
            order_limit=None if rules.order_limit == NO_LIMIT else rules.order_limit,
            order_limit_currency=rules.limit_currency or currency,
            year_limit=None if rules.year_limit == NO_LIMIT else rules.year_limit,
        )


class ChargeOut(BaseModel):
    """One tax of a line: amount, formula with its numbers, the text behind the rate."""

    model_config = ConfigDict(from_attributes=True)
    tax: str
    amount: Decimal
    formula: str
    source: str
    confidence: str


class QuotedLineOut(BaseModel):
    """A line in the currency of the country, with its shares of freight and insurance."""

    model_config = ConfigDict(from_attributes=True)
    line_no: int
    goods_code: str
    goods: str = Field(description="What the Harmonized System 2022 calls its six digits; empty: none of it.")
    heading: str = Field(description="Prefix of the tariff that decided; empty: all other goods.")
    price: Decimal
    freight: Decimal
    insurance: Decimal
    charges: list[ChargeOut]
    tax: Decimal

    @classmethod
    def of(cls, line: ChargedLine) -> Self:
        """As shown."""
        return cls.model_validate(line)


class ObstacleOut(BaseModel):
    """Why a channel is closed to the goods."""

    model_config = ConfigDict(from_attributes=True)
    pointer: str
    code: str
    rule: str
    detail: str
    fix: str
    source: str


class OfferOut(BaseModel):
    """One channel of one country. Amounts in `currency`; a closed channel has none."""

    country: str
    channel: str
    title: str
    open: bool = Field(description="Whether the goods may come by it; `obstacles` says why not.")
    cheapest: bool = Field(description="Of the open channels of the country.")
    why: str
    obstacles: list[ObstacleOut]
    rule_set: OfferedRulesOut
    tariff: str = Field(description="A name that ends in -demo is a demonstration.")
    on: date
    currency: str
    exchange_rate: Decimal = Field(description="Units of `currency` for one of the quote's.")
    exchange_source: str
    goods_value: Decimal
    freight: Decimal
    insurance: Decimal
    lines: list[QuotedLineOut]
    tax_waived: Decimal | None
    tax_total: Decimal | None
    landed_cost: Decimal | None = Field(description="Goods, freight, insurance and taxes.")
    landed_cost_in_quote_currency: Decimal | None
    quota_left: Decimal | None = Field(
        description="Of the buyer's year before this; needs `buyer_of` or `year_used`."
    )
    eligibility: str
    collected_by: str
    needs: list[str] = Field(description="What must be at hand to use the channel.")

    @classmethod
    def of(cls, offer: Offer) -> Self:
        """As shown."""
        rules = offer.rules
        return cls(
            country=offer.country,
            channel=rules.channel,
            title=rules.title,
            open=offer.is_open,
            cheapest=offer.cheapest,
            why=offer.why,
            obstacles=[ObstacleOut.model_validate(fault) for fault in offer.faults],
            rule_set=OfferedRulesOut.of(rules, offer.currency),
            tariff=offer.tariff,
            on=offer.on,
            currency=offer.currency,
            exchange_rate=offer.rate,
            exchange_source=offer.exchange,
            goods_value=offer.goods_value,
            freight=offer.freight,
            insurance=offer.insurance,
            lines=[QuotedLineOut.of(line) for line in offer.lines],
            tax_waived=offer.waived,
            tax_total=offer.tax_total,
            landed_cost=offer.landed_cost,
            landed_cost_in_quote_currency=offer.landed_cost_asked,
            quota_left=offer.quota_left,
            eligibility=offer.eligibility,
            collected_by=rules.collected_by,
            needs=list(rules.needs),
        )


class QuoteOut(BaseModel):
    """The channels side by side: country by country, open ones first, the cheapest at the top."""

    quoted_at: datetime
    law: str = Field(description="What identifies the law that answered; see /v1/law.")
    offers: list[OfferOut]
    certificates: str = Field(
        description="In words: whether quarantine asks for something, or does not answer."
    )
    requirements: list[dict[str, Any]] = Field(
        description="What China's quarantine asks of the goods, rule by rule: as /v1/quarantine/requirements answers."
    )
    away: list[str] = Field(description="Services that did not answer: what they would say is missing here.")


def certificates(answer: Any, *, is_away: bool) -> dict[str, Any]:
    """What quarantine has answered, as the quote shows it."""
    if is_away:
        return {"certificates": AWAY, "requirements": [], "away": ["quarantine"]}
    if answer is None:
        return {"certificates": ELSEWHERE, "requirements": [], "away": []}
    asked = answer["requirements"]
    words = f"{SOME if asked else NONE} ({answer['rule_set']}, {answer['on']})."
    return {"certificates": words, "requirements": asked, "away": []}
