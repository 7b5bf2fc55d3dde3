"""Tax door: assessments, accounts, deposits.

Assessments are read by the parties of their declaration and by officers. An account is seen by its guarantor and
by tax officers; deposits are entered by the latter, and in the sandbox by guarantors for themselves.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from services.tax.assessment import KeptAssessment
from services.tax.balances import Status
from services.tax.guarantee import Deposit, MakeDeposit
from services.tax.handlers import on_deposits_made
from services.tax.law.calendar import day_of
from services.tax.law.force import law
from services.tax.law.jurisdiction import NoLaw
from services.tax.law.schema import NO_LIMIT, RuleSet
from services.tax.levy import TaxedLine
from services.tax.quotes import door as quotes
from services.tax.store import SqlTaxLedger
from services.tax.trace import explain, why
from shared.kernel.ids import is_uuid
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, TokenVerifier, allowed
from shared.runtime.doors import Doing, not_found, reader
from shared.runtime.fields import Amount, Code
from shared.runtime.route import Door

PATIENCE = 1.0
"""Seconds for which a word of registry is waited for before a party is called unknown."""
router = Door(prefix="/v1", tags=["tax"])
router.include_router(quotes.router)
Ledger = Annotated[SqlTaxLedger, Depends(reader(SqlTaxLedger))]
Party = Annotated[
    str, Path(pattern="^[A-Za-z0-9]{1,20}$", description="Code of the guarantor.", examples=["AGENT00001"])
]


class RuleSetOut(BaseModel):
    """The law that an assessment follows: the set in force when it was filed."""

    name: str = Field(examples=["CN-CBEC-2019-01-01"])
    channel: str = Field(examples=["cbec"])
    source: str
    confidence: str
    order_limit: Decimal | None
    year_limit: Decimal | None

    @classmethod
    def of(cls, rules: RuleSet) -> Self:
        """As shown."""
        limits = {"order_limit": rules.order_limit, "year_limit": rules.year_limit}
        return cls(
            name=rules.name,
            channel=rules.channel,
            source=rules.source,
            confidence=rules.confidence,
            **{name: None if limit == NO_LIMIT else limit for name, limit in limits.items()},
        )


class FaultOut(BaseModel):
    """Why a version was refused."""

    model_config = ConfigDict(from_attributes=True)

    pointer: str = Field(examples=["/list/lines"])
    code: str = Field(examples=["E-LIMIT-YEAR"])
    rule: str = Field(examples=["must_fit_the_year"])
    detail: str
    fix: str
    source: str


class TaxedLineOut(BaseModel):
    """One line: shares, rates and taxes, in CNY. Each tax is rounded once, half up to the cent."""

    model_config = ConfigDict(from_attributes=True)

    line_no: int
    goods_code: str
    heading: str = Field(description="Prefix of the tariff that decided; empty: all other goods.")
    price: Decimal
    freight: Decimal = Field(description="Share, by line value.")
    insurance: Decimal = Field(description="Share, by line value.")
    dutiable_value: Decimal
    duty_rate: Decimal
    consumption_rate: Decimal
    specific_tax: Decimal = Field(description="Consumption tax on the litres, before the factor.")
    vat_rate: Decimal
    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal
    tax: Decimal
    sources: list[str] = Field(description="Texts behind the rates of the line.")

    @classmethod
    def of(cls, line: TaxedLine, sources: list[str]) -> Self:
        """As shown."""
        shown = {name: getattr(line, name) for name in cls.model_fields if name != "sources"}
        return cls(**shown, sources=sources)


class AssessmentOut(BaseModel):
    """One version as assessed, and what it holds now."""

    version: int
    status: Status = Field(description="SECURED and WAITING are open; the others are ends.")
    filed_at: datetime = Field(description="Law, rates and quota year follow this moment (Asia/Shanghai).")
    rule_set: RuleSetOut | None = Field(description="None where no rule set covers the day: E-LAW-NONE.")
    why: str = Field(description="On what terms the channel takes the goods, or why it does not.")
    tariff: str = Field(examples=["tariff-cn-demo"])
    guarantor: str
    dutiable_value: Decimal
    tax_total: Decimal
    quota_held: Decimal = Field(description="Of the buyer's year: reserved while open, used once COMMITTED.")
    guarantee_held: Decimal = Field(description="On the guarantor's account: reserved, due once COMMITTED.")
    fault: FaultOut | None = Field(description="Of a version that a rule of tax refused.")
    lines: list[TaxedLineOut]
    trace: list[str] = Field(
        description="The working as text, from the numbers kept with the assessment.",
        examples=[["D of the order = goods 300.00 + freight 20.00 + insurance 0.00 = 320.00"]],
    )

    @classmethod
    def of(cls, kept: KeptAssessment) -> Self:
        """As shown."""
        holding, working = kept.holding, kept.working
        return cls(
            version=holding.version,
            status=holding.status,
            filed_at=holding.filed_at,
            rule_set=RuleSetOut.of(rules) if (rules := law().named(kept.rule_set)) else None,
            why=why(working),
            tariff=working.tariff,
            guarantor=holding.guarantor,
            dutiable_value=working.dutiable_value,
            tax_total=holding.tax_total,
            quota_held=holding.quota_held,
            guarantee_held=holding.guarantee_held,
            fault=FaultOut.model_validate(working.fault) if working.fault else None,
            lines=[TaxedLineOut.of(line, sources_of(line, kept)) for line in working.lines],
            trace=explain(working),
        )


def sources_of(line: TaxedLine, kept: KeptAssessment) -> list[str]:
    """The texts behind a line's rates, as they were on the day of filing."""
    statute = law().china.on(day_of(kept.holding.filed_at))
    if statute.tariff != kept.working.tariff:
        return [f"{kept.working.tariff}, which has been replaced by {statute.tariff}"]
    try:
        rate = statute.rate_of(line.goods_code)
    except NoLaw as gone:
        return [str(gone)]
    return [rate.source, rate.vat_source]


class AssessmentsOut(BaseModel):
    """Every version of a declaration, oldest first."""

    declaration_id: str
    versions: list[AssessmentOut]


class AccountOut(BaseModel):
    """A guarantee account, CNY. Always reserved + due <= balance."""

    party: str
    balance: Decimal
    reserved: Decimal = Field(description="Secures declarations that are not decided yet.")
    due: Decimal = Field(description="Owed for goods that were released.")
    free: Decimal = Field(description="What may still secure something.")
    waiting: int = Field(description="Declarations that wait for this account.")


class DepositIn(BaseModel):
    """Money paid in."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount = Field(gt=0, max_digits=14, decimal_places=2, description="CNY.", examples=["100000.00"])
    reference: Code = Field(
        max_length=60,
        description="The bank's reference: the same one again changes nothing.",
        examples=["BANK-2025-000123"],
    )


async def depositor(
    party: Party, request: Request, caller: Annotated[Caller, Depends(allowed("accounts:write"))]
) -> Caller:
    """Who may pay in: into an account of its own, or as a tax officer; of a party that registry knows."""
    must_keep(party, caller)
    verifier: TokenVerifier = request.app.state.verifier
    if party != caller.party and not await is_registered(party, verifier):
        raise Refusal(
            "E-NOT-FOUND",
            f"there is no party {party}",
            status=404,
            rule="depositor",
            fix=f"correct the code, or register it first: PUT /v1/parties/{party}",
        )
    return caller


async def is_registered(party: str, verifier: TokenVerifier) -> bool:
    """Whether registry knows a party; its word may still be on its way."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while not verifier.knows(party) and loop.time() < until:
        await asyncio.sleep(0.05)
    return verifier.knows(party)


@router.get("/assessments/{declaration_id}", summary="How a declaration is taxed")
async def assessments_of(
    declaration_id: Annotated[str, Path(examples=["019732f0-2a80-7000-8000-000000000001"])],
    ledger: Ledger,
    caller: Annotated[Caller, Depends(allowed("declarations:read"))],
) -> AssessmentsOut:
    """Every version with its lines, the formula trace, and the rule set that was in force."""
    versions = await ledger.versions_of(declaration_id) if is_uuid(declaration_id) else []
    if not versions or not caller.may_read(versions[-1].holding.parties):
        raise not_found("assessment")
    return AssessmentsOut(declaration_id=declaration_id, versions=list(map(AssessmentOut.of, versions)))


@router.get("/accounts/{party}", summary="A guarantee account")
async def account_of(
    party: Party, ledger: Ledger, caller: Annotated[Caller, Depends(allowed("accounts:read"))]
) -> AccountOut:
    """Balance, what is reserved and due, what is free, and how many declarations wait for it."""
    must_keep(party, caller)
    return await shown(party, ledger)


@router.post("/accounts/{party}/deposits", status_code=201, summary="Pay into a guarantee account")
async def deposit(
    party: Party,
    body: DepositIn,
    orders: Doing,
    ledger: Ledger,
    caller: Annotated[Caller, Depends(depositor)],
) -> AccountOut:
    """Once a reference. Declarations that wait for the account and now fit are secured, in order of filing."""
    must_keep(party, caller)
    given = Deposit(party=party, reference=body.reference, amount=body.amount, made_by=caller.client_id)
    await orders.run(on_deposits_made, MakeDeposit(deposit=given))
    return await shown(party, ledger)


def must_keep(party: str, caller: Caller) -> None:
    """An account that is neither the caller's own nor a tax officer's business is absent."""
    if party != caller.party and not caller.is_officer_of("tax"):
        raise not_found("account")


async def shown(party: str, ledger: SqlTaxLedger) -> AccountOut:
    """The account as it stands now."""
    account = await ledger.account_of(party)
    if account is None:
        raise not_found("account")
    return AccountOut(
        party=account.party,
        balance=account.balance,
        reserved=account.reserved,
        due=account.due,
        free=account.free,
        waiting=await ledger.count_waiting(party),
    )
