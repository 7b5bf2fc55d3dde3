"""Tax shown: an assessment as its parties read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from services.tax.assessment import KeptAssessment
from services.tax.balances import Status
from services.tax.law.calendar import day_of
from services.tax.law.force import law
from services.tax.law.jurisdiction import NoLaw
from services.tax.law.schema import NO_LIMIT, RuleSet
from services.tax.levy import TaxedLine
from services.tax.refunding.refunds import Refund
from services.tax.trace import explain, why


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


class RefundedLineOut(BaseModel):
    """What one line has given back, CNY."""

    line_no: int
    quantity: Decimal
    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal
    quota: Decimal


class RefundOut(BaseModel):
    """What one return has given back, CNY."""

    request_id: str
    refunded_at: datetime
    tax_total: Decimal
    quota_returned: Decimal
    lines: list[RefundedLineOut]

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """As shown."""
        return cls(
            request_id=refund.request_id,
            refunded_at=refund.refunded_at,
            tax_total=refund.taxes.total,
            quota_returned=refund.quota,
            lines=[
                RefundedLineOut(line_no=line.line_no, quantity=line.quantity, **asdict(line.back))
                for line in refund.lines
            ],
        )


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
    guarantee_held: Decimal = Field(
        description="On the guarantor's account: reserved while open; once COMMITTED, what became due at release."
    )
    bill_no: str | None = Field(description="Of a COMMITTED version: GET /v1/bills/{bill_no}.")
    refunds: list[RefundOut] = Field(description="What completed returns have given back.")
    fault: FaultOut | None = Field(description="Of a version that a rule of tax refused.")
    lines: list[TaxedLineOut]
    trace: list[str] = Field(
        description="The working as text, from the numbers kept with the assessment.",
        examples=[["D of the order = goods 300.00 + freight 20.00 + insurance 0.00 = 320.00"]],
    )

    @classmethod
    def of(cls, kept: KeptAssessment, refunds: Sequence[Refund] = ()) -> Self:
        """As shown; the refunds are those of all versions."""
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
            bill_no=holding.bill_no or None,
            refunds=[RefundOut.of(each) for each in refunds if each.version == holding.version],
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
