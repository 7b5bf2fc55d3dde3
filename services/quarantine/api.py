"""Quarantine door: what goods would be asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field

from services.quarantine.domain import filing_day
from services.quarantine.requirements import Goods, Requirement, requirements, what_follows, what_to_do
from services.quarantine.rulebook import Effect, bundled_rules
from shared.runtime.access import Caller, allowed
from shared.runtime.fields import Country, Day
from shared.runtime.patterns import GOODS_CODE
from shared.runtime.route import Door

router = Door(prefix="/v1/quarantine", tags=["quarantine"])
EXAMPLE: dict[str, Any] = {
    "on": "2026-11-20",
    "lines": [
        {"goods_code": "4602190000", "origin_country": "TH"},
        {"goods_code": "6911101900", "origin_country": "GB"},
    ],
}


class GoodsIn(BaseModel):
    """One line: its place in the list is its number."""

    model_config = ConfigDict(extra="forbid")
    goods_code: str = Field(pattern=GOODS_CODE, description="Six, eight or ten digits.")
    origin_country: Country


class RequirementsIn(BaseModel):
    """Goods that somebody thinks of sending to China."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})
    on: Day | None = Field(None, description="Day of filing in Beijing; left out: today.")
    lines: list[GoodsIn] = Field(min_length=1, max_length=99)


class RequirementOut(BaseModel):
    """One rule that applies."""

    rule: str
    effect: Effect
    line_nos: list[int]
    perhaps_line_nos: list[int] = Field(description="Lines whose code is too short to tell.")
    papers: list[list[str]] = Field(
        description="All of these, each a choice of kinds of certificates; none: no paper replaces the rule."
    )
    issued_by: Literal["origin", "any"] = Field(description="Whose papers they must be.")
    detail: str
    fix: str
    source: str
    confidence: Literal["H", "M", "L"]

    @classmethod
    def of(cls, asked: Requirement) -> Self:
        """As shown."""
        rule = asked.rule
        return cls(
            rule=rule.name,
            effect=rule.effect,
            line_nos=list(asked.line_nos),
            perhaps_line_nos=list(asked.perhaps_line_nos),
            papers=[list(choice) for choice in rule.papers],
            issued_by="origin" if rule.from_origin else "any",
            detail=what_follows(rule),
            fix=what_to_do(rule),
            source=rule.source,
            confidence=rule.confidence,
        )


class RequirementsOut(BaseModel):
    """What the rules of a day ask of goods, strongest effect first; nothing asked: an empty list."""

    rule_set: str = Field(description="A name with DEMO is a demonstration.")
    on: date
    requirements: list[RequirementOut]


@router.post("/requirements", summary="Which papers would these goods need?")
async def required(
    asked: RequirementsIn, _caller: Annotated[Caller, Depends(allowed("declarations:read"))]
) -> RequirementsOut:
    """A dry run: what quarantine would ask of these goods, rule by rule. Nothing is stored."""
    book, day = bundled_rules(), asked.on or filing_day(datetime.now(UTC))
    goods = [Goods(line_no=number, **line.model_dump()) for number, line in enumerate(asked.lines, start=1)]
    found = requirements(book, goods, day)
    return RequirementsOut(
        rule_set=book.name, on=day, requirements=[RequirementOut.of(each) for each in found]
    )
