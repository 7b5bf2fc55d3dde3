"""Offers: the channels of a country, side by side.

An offer is one channel of one country: whether it admits the goods and why not, every tax by line, what is due in
all, and what the goods cost when they have arrived. Where law or a rate is missing the offer says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from services.tax.law.book import Law
from services.tax.law.calendar import day_of
from services.tax.law.exchange import NoRate
from services.tax.law.jurisdiction import Jurisdiction, NoLaw
from services.tax.law.schema import ZERO, RuleSet
from services.tax.quotes.admission import RULES, listed_by
from services.tax.quotes.charges import ChargedLine, charge_all
from services.tax.quotes.question import Proposal, Question, proposal
from services.tax.rules import beyond
from shared.kernel import nomenclature
from shared.kernel.refusal import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One channel of one country. Amounts in `currency`, unless another is named."""

    country: str
    on: date
    currency: str
    rules: RuleSet
    tariff: str
    goods_value: Decimal
    freight: Decimal
    insurance: Decimal
    rate: Decimal
    """Of exchange: units of `currency` for one of the question's."""
    exchange: str
    lines: tuple[ChargedLine, ...]
    faults: tuple[Fault, ...]
    waived: Decimal | None
    tax_total: Decimal | None
    """What is due after the waiver; None where the channel is closed to the goods."""
    landed_cost: Decimal | None
    landed_cost_asked: Decimal | None
    """The same in the currency of the question."""
    quota_left: Decimal | None
    """Of the buyer's year, before this; None where nothing is known of it or no limit is set."""
    eligibility: str
    why: str
    """In one sentence, on what terms the channel takes the goods, or that it does not."""
    cheapest: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the goods may come by it."""
        return not self.faults


def faults_of(question: Question, law: Law, now: datetime) -> list[Fault]:
    """What keeps the question from being answered at all: each with its place and cure."""
    asked_for = question.on or now.date()
    found = [
        _no_code(index, line.goods_code)
        for index, line in enumerate(question.lines)
        if not nomenclature.is_known(line.goods_code, asked_for)
    ]
    for place, country in enumerate(question.to):
        home = law.home_of(country)
        if home is None:
            found.append(_no_law(f"/to/{place}", f"no law of {country} is kept here", law))
            continue
        day, today = question.on, day_of(now, home.zone(country))
        if day is not None and day > today:
            found.append(_future(day, today, home.countries[country].name))
            continue
        found += _unanswerable(question, law, home, country, day or today)
    return list(dict.fromkeys(found))


def _unanswerable(
    question: Question, law: Law, home: Jurisdiction, country: str, day: date
) -> Iterator[Fault]:
    statute = home.on(day, country)
    if not statute.rule_sets:
        yield _no_law("/on", f"no rule set of {home.countries[country].name} is kept for {day}", law)
        return
    for index, line in enumerate(question.lines):
        try:
            statute.rate_of(line.goods_code)
        except NoLaw as missing:
            yield _no_law(f"/lines/{index}/goods_code", str(missing), law)
    needed = {
        question.currency,
        *(rules.limit_currency for rules in statute.rule_sets.values()),
        home.currency,
    }
    for currency in needed - {""}:
        try:
            law.exchange.rate(currency, home.currency, day)
        except NoRate as missing:
            yield _no_rate(currency, str(missing), law)


def _no_code(index: int, goods_code: str) -> Fault:
    return Fault(
        pointer=f"/lines/{index}/goods_code",
        code="E-LAW-CODE",
        rule="is_known",
        detail=f"{nomenclature.NAME} has no {goods_code[:6]}",
        fix=f"send six, eight or ten digits of a code that it has; {nomenclature.nearest(goods_code)}",
        source=nomenclature.NAME,
    )


def _future(day: date, today: date, where: str) -> Fault:
    return Fault(
        pointer="/on",
        code="E-QUOTE-DATE",
        rule="faults_of",
        detail=f"{day} has not come yet in {where}, where it is {today}: its law and rates may still change",
        fix=f"ask for {today} or a day before it, or leave the day out",
    )


def _no_law(pointer: str, detail: str, law: Law) -> Fault:
    known = ", ".join(f"{each.code} ({len(each.countries)})" for each in law.jurisdictions.values())
    return Fault(
        pointer=pointer,
        code="E-LAW-NONE",
        rule="faults_of",
        detail=detail,
        fix=f"ask for another day, code or country; law is kept of {known}; see /v1/law",
    )


def _no_rate(currency: str, detail: str, law: Law) -> Fault:
    known = currency in law.exchange.currencies
    return Fault(
        pointer="/on" if known else "/currency",
        code="E-RATE-DATE" if known else "E-RATE-CURRENCY",
        rule="faults_of",
        detail=detail,
        fix=(
            f"ask for a day from {law.exchange.span()}, or have newer rates put in force"
            if known
            else f"ask in one of {', '.join(sorted(law.exchange.currencies))}"
        ),
        source=law.exchange.source,
    )


def offers(question: Question, law: Law, now: datetime) -> list[Offer]:
    """Every channel of every country asked for, country by country, the cheapest that is open first."""
    found: list[Offer] = []
    for country in question.to:
        day = question.on or day_of(now, law.home(country).zone(country))
        asked = proposal(question, country, day, law)
        found += _ranked([_offer(asked, rules, country) for rules in asked.statute.rule_sets.values()])
    return found


def _ranked(made: list[Offer]) -> list[Offer]:
    made.sort(key=lambda offer: (not offer.is_open, offer.landed_cost or ZERO, offer.rules.name))
    if made and made[0].is_open:
        made[0] = replace(made[0], cheapest=True)
    return made


def _offer(asked: Proposal, rules: RuleSet, country: str) -> Offer:
    faults = tuple(fault for rule in RULES if (fault := rule(asked, rules)))
    lines = () if faults else charge_all(asked, rules)
    due = sum((line.tax for line in lines), ZERO)
    waived = due if due <= rules.waived_up_to else ZERO
    landed = None if faults else asked.value("cif") + due - waived
    quota = asked.quota if rules.year_limit.is_finite() else None
    return Offer(
        country=country,
        on=asked.day,
        currency=asked.statute.currency,
        rules=rules,
        tariff=asked.statute.tariff,
        goods_value=asked.goods_value,
        freight=asked.freight,
        insurance=asked.insurance,
        rate=asked.rate,
        exchange=asked.exchange.source,
        lines=lines,
        faults=faults,
        waived=None if faults else waived,
        tax_total=None if faults else due - waived,
        landed_cost=landed,
        landed_cost_asked=None if landed is None else asked.in_question(landed),
        quota_left=max(quota.left(rules.year_limit), ZERO) if quota else None,
        eligibility=_eligibility(asked, rules),
        why=_why(asked, rules, faults, waived),
    )


def _why(asked: Proposal, rules: RuleSet, faults: tuple[Fault, ...], waived: Decimal) -> str:
    """On what terms the channel takes the goods, or that it does not."""
    if faults:
        return f"closed to these goods: {'; '.join(fault.detail for fault in faults)}"
    order = asked.measured(rules)
    currency, limit = order.currency, order.limit
    if not limit.is_finite():
        return "open to goods of any value"
    measured = f"{order.value} {currency}"
    if asked.exceeds(rules):
        full = ", with all taxes in full" if rules.duty.above_limit_only else ""
        return f"{measured} {beyond(order.value, limit)} an order, which one indivisible item may{full}"
    shut = f", and all taxes come to {waived}, which is waived" if waived else ""
    return f"{measured} is within {limit} {currency} {'a piece' if rules.limit_each == 'piece' else 'an order'}{shut}"


def _eligibility(asked: Proposal, rules: RuleSet) -> str:
    """What the positive list says of the goods, where the channel asks for it."""
    if not rules.listed_goods_only:
        return "any goods"
    notes = {rate.listing for rate in asked.rates if rate.listing is not None and rate.listing.year_quantity}
    said = f"{listed_by(asked)}; the bundled lines are a demonstration"
    limits = [f"{note.goods}: {note.year_quantity} {note.year_unit} a person and year" for note in notes]
    return "; ".join([said, *sorted(limits)])
