"""Law shown: every rule set with its dates and source."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from services.tax.law.book import Law


class RuleSetListed(BaseModel):
    """One channel over one stretch of days."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    channel: str
    title: str
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str
    note: str


class JurisdictionOut(BaseModel):
    """A customs territory and its rule sets, oldest first."""

    code: str
    name: str
    currency: str
    countries: list[str]
    country_names: dict[str, str] = Field(description="By code.")
    tariff: str = Field(description="A name that ends in -demo is a demonstration.")
    rule_sets: list[RuleSetListed]


class RefusedLawOut(BaseModel):
    """Why the folder of law as it is now is not in force."""

    code: str = Field(examples=["E-LAW-BROKEN"])
    where: str = Field(examples=["cn.toml, line 38"])
    detail: str
    fix: str

    @classmethod
    def of(cls, reason: str) -> Self:
        """As shown: what was refused says its file and line first."""
        where, _, detail = reason.partition(": ")
        fix = "mend that place; until then the law before stays in force"
        return cls(code="E-LAW-BROKEN", where=where, detail=detail, fix=fix)


class LawOut(BaseModel):
    """The law in force in the replica that answers."""

    digest: str = Field(description="The same digest, the same law.")
    refused: RefusedLawOut | None = Field(
        description="Null while the folder of law as it is now is in force."
    )
    exchange_rates: str = Field(description="The days that have rates of exchange.")
    exchange_until: date | None = Field(description="The last of them.")
    currencies: list[str] = Field(description="Those that have rates on some day.")
    jurisdictions: list[JurisdictionOut]

    @classmethod
    def of(cls, law: Law, refused: str) -> Self:
        """As shown."""
        shown = [
            JurisdictionOut(
                code=each.code,
                name=each.name,
                currency=each.currency,
                countries=list(each.countries),
                country_names={code: country.name for code, country in each.countries.items()},
                tariff=each.tariff.name,
                rule_sets=[RuleSetListed.model_validate(rules) for rules in each.rule_sets],
            )
            for each in law.jurisdictions.values()
        ]
        return cls(
            digest=law.digest,
            refused=RefusedLawOut.of(refused) if refused else None,
            exchange_rates=law.exchange.span(),
            exchange_until=law.exchange.until(),
            currencies=sorted(law.exchange.currencies),
            jurisdictions=shown,
        )
