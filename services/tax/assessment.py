"""Assessment: what a version owes and holds.

A filing is assessed under the law of its own moment: the rules say whether it may be imported as retail goods
at all, the formulas what each line owes, the balances whether the tax is secured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from services.tax.balances import Balances, Holding, Status
from services.tax.books.guarantee import PAYMENT_TERM
from services.tax.law.book import Law
from services.tax.law.calendar import day_of
from services.tax.law.jurisdiction import NoLaw, Statute
from services.tax.law.retail import RETAIL
from services.tax.levy import ONE, TaxedLine, tax_line
from services.tax.notes import Noted, NoteKey, YearNote, noted_in
from services.tax.quota import Quota
from services.tax.rules import RULES, Case, Filing
from services.tax.taxes import NOTHING, Taxes
from services.tax.trace import Working
from shared.kernel.gate import Gate
from shared.kernel.goods import GoodsLine
from shared.kernel.money import ZERO, apportion
from shared.kernel.refusal import Fault
from shared.kernel.review import Review

_NO_NOTES: Mapping[NoteKey, YearNote] = {}
NO_RULES = "none"
"""Named by the assessment of a day that no rule set covers."""
SECURED = Gate(agency="tax", status="PASSED", code="SECURED", reason="the guarantee account secures the tax")


class Assessment(Struct, frozen=True, kw_only=True):
    """One version assessed: what it holds, what tax says of it, and how that came about."""

    holding: Holding
    gate: Gate
    rule_set: str
    working: Working
    review: Review | None = None
    """Work for a tax officer, while the filing waits for its guarantor."""


class KeptAssessment(Struct, frozen=True, kw_only=True):
    """An assessment as it is kept: `holding` stands as it is now, `working` as it was then."""

    holding: Holding
    rule_set: str
    working: Working


def assess(filing: Filing, balances: Balances, law: Law, now: datetime) -> Assessment:
    """One filing: what the version before held goes back first, then the rules, the taxes, the guarantee."""
    before = balances.holdings.get(filing.declaration_id)
    if before is not None and before.is_open:
        balances.give_back(before, "SUPERSEDED")
    day = day_of(filing.filed_at)
    statute, quota = law.china.on(day), balances.quotas[filing.buyer, day.year]
    try:
        case = case_of(filing, quota, statute, balances.notes)
    except NoLaw as missing:
        made = refuse(filing, NO_RULES, no_law(filing, quota, statute, missing))
    else:
        fault = next((fault for rule in RULES if (fault := rule(case))), None)
        working = working_of(case, statute.tariff, () if fault else tax_lines(case), fault)
        made = refuse(filing, case.rules.name, working) if fault else hold(case, working, balances, now)
    balances.reserve(made.holding)
    return made


def case_of(
    filing: Filing, quota: Quota, statute: Statute, notes: Mapping[NoteKey, YearNote] = _NO_NOTES
) -> Case:
    """The filing beside the law of its own moment, never that of its processing."""
    rules = statute.rule_sets.get(RETAIL)
    if rules is None:
        raise NoLaw("no rule set of retail import is in force on the day of filing")
    rates = [statute.rate_of(line.goods_code) for line in filing.lines]
    return Case(
        filing,
        rules,
        rates,
        [pair for pair in zip(filing.lines, rates, strict=True) if pair[1].is_marked],
        quota,
        filing.goods_value + filing.freight + filing.insurance,
        notes,
    )


def no_law(filing: Filing, quota: Quota, statute: Statute, missing: NoLaw) -> Working:
    """Nothing says what is due: the filing is refused, and nothing is guessed."""
    fault = Fault(
        pointer="/list/lines",
        code="E-LAW-NONE",
        rule="no_law",
        detail=str(missing),
        fix="file again once the law of the day is kept here; tell the operator",
    )
    return Working(
        goods_value=filing.goods_value,
        freight=filing.freight,
        insurance=filing.insurance,
        year=quota.year,
        used=quota.used,
        reserved=quota.reserved,
        factor=ONE,
        tariff=statute.tariff,
        lines=(),
        fault=fault,
    )


def tax_lines(case: Case) -> tuple[TaxedLine, ...]:
    """Every line taxed with its shares; freight and insurance are shared apart."""
    terms = case.terms
    freight = shares(case.filing.freight, case.filing.lines)
    insurance = shares(case.filing.insurance, case.filing.lines)
    taxed = zip(case.filing.lines, freight, insurance, case.rates, strict=True)
    return tuple(tax_line(line, (f, i), rate, terms) for line, f, i, rate in taxed)


def shares(amount: Decimal, lines: Sequence[GoodsLine]) -> list[Decimal]:
    """An amount of the order, by line value."""
    if not amount:
        return [ZERO] * len(lines)
    return [amount] if len(lines) == 1 else apportion(amount, [line.total_price for line in lines])


def working_of(case: Case, tariff: str, lines: tuple[TaxedLine, ...], fault: Fault | None) -> Working:
    """The numbers that the assessment was made of."""
    return Working(
        goods_value=case.filing.goods_value,
        freight=case.filing.freight,
        insurance=case.filing.insurance,
        year=case.quota.year,
        used=case.quota.used,
        reserved=case.quota.reserved,
        factor=case.terms.factor,
        tariff=tariff,
        lines=lines,
        fault=fault,
    )


def refuse(filing: Filing, rule_set: str, working: Working) -> Assessment:
    """A version that a rule refuses: it holds nothing."""
    fault = working.fault
    reason = f"{fault.detail}; {fault.fix}" if fault else ""
    gate = Gate(agency="tax", status="REFUSED", code=fault.code if fault else "", reason=reason)
    holding = holding_of(filing, "REFUSED", NOTHING, quota=ZERO, guarantee=ZERO)
    return Assessment(holding=holding, gate=gate, rule_set=rule_set, working=working)


def hold(case: Case, working: Working, balances: Balances, now: datetime) -> Assessment:
    """A version that may come in: its quota is reserved; its tax too, or it waits for its guarantor."""
    taxes = working.taxes
    total = taxes.total
    noted = tuple(noted_in(case.marked).values())
    account = balances.accounts[case.filing.guarantor]
    if total <= account.free:
        holding = holding_of(
            case.filing, "SECURED", taxes, quota=case.dutiable_value, guarantee=total, noted=noted
        )
        return Assessment(holding=holding, gate=SECURED, rule_set=case.rules.name, working=working)
    holding = holding_of(
        case.filing, "WAITING", taxes, quota=case.dutiable_value, guarantee=ZERO, noted=noted
    )
    gate = awaiting_payment(total, account.party, now)
    review = review_of(holding, gate, now)
    return Assessment(holding=holding, gate=gate, rule_set=case.rules.name, working=working, review=review)


def holding_of(  # noqa: PLR0913 (what it holds, each by its name)
    filing: Filing,
    status: Status,
    taxes: Taxes,
    *,
    quota: Decimal,
    guarantee: Decimal,
    noted: tuple[Noted, ...] = (),
) -> Holding:
    """What a filing holds from now on."""
    return Holding(
        declaration_id=filing.declaration_id,
        version=filing.version,
        parties=filing.parties,
        buyer=filing.buyer,
        guarantor=filing.guarantor,
        filed_at=filing.filed_at,
        status=status,
        tax_total=taxes.total,
        quota_held=quota,
        guarantee_held=guarantee,
        declarant=filing.declarant,
        taxes=taxes,
        noted=noted,
    )


def awaiting_payment(needed: Decimal, guarantor: str, now: datetime) -> Gate:
    """Held until the guarantor's account is topped up, or the term is over.

    Every party of the filing reads the reason, and the account is the guarantor's alone: what is free on it, and what
    is missing, is told at its own door.
    """
    return Gate(
        agency="tax",
        status="HELD",
        code="AWAITING_PAYMENT",
        reason=(
            f"{needed} needed, more than is free on the guarantee account of {guarantor}, "
            f"who finds what is missing at GET /v1/accounts/{guarantor}/waiting"
        ),
        awaits="guarantor",
        due_at=now + PAYMENT_TERM,
    )


def review_of(holding: Holding, gate: Gate, now: datetime) -> Review:
    """Work for a tax officer, who may waive the guarantee (a bank's letter, say) or refuse."""
    return Review(
        declaration_id=holding.declaration_id,
        version=holding.version,
        code=gate.code,
        reason=gate.reason,
        parties=holding.parties,
        opened_at=now,
        due_at=gate.due_at or now,
    )
