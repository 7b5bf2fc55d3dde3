"""Asking: questions with defaults, and the offers to them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.tax.law.book import Law
from services.tax.law.force import law
from services.tax.quota import Quota
from services.tax.quotes.offers import Offer, faults_of, offers
from services.tax.quotes.question import Question
from shared.kernel.goods import GoodsLine
from tests.services.tax.cases import a_line

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


def a_question(*lines: GoodsLine, **overrides: Any) -> Question:
    """What would it cost in China, in yuan, sent from the United Kingdom?"""
    given: dict[str, Any] = {
        "to": ("CN",),
        "on": DAY,
        "dispatch_country": "GB",
        "currency": "CNY",
        "lines": lines or (a_line("300.00"),),
        "freight": Decimal("0.00"),
        "insurance": Decimal("0.00"),
        "quota": None,
    }
    amounts = {name: Decimal(value) for name, value in overrides.items() if name in ("freight", "insurance")}
    return Question(**{**given, **overrides, **amounts})


def asked(question: Question, now: datetime = NOON, under: Law | None = None) -> dict[str, Offer]:
    """The offers, by country and channel; a question that cannot be answered is a mistake of the test."""
    rules = under or law()
    assert faults_of(question, rules, now) == []
    return {f"{offer.country}/{offer.rules.channel}": offer for offer in offers(question, rules, now)}


def codes(question: Question, now: datetime = NOON) -> list[tuple[str, str]]:
    """Why it cannot be answered: code and place."""
    return [(fault.code, fault.pointer) for fault in faults_of(question, law(), now)]


def a_quota(used: str) -> Quota:
    """A buyer's year."""
    return Quota(buyer="b", year=2026, used=Decimal(used))
