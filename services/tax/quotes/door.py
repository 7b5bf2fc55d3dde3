"""Quote door: a dry run over HTTP, and the law in force.

What cannot be answered at all is 422 with every fault; a channel that is closed to the goods is an answer, with what
stands in the way.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from services.tax.law import force
from services.tax.law.book import Law
from services.tax.law.calendar import day_of
from services.tax.law.shown import LawOut
from services.tax.quota import Quota
from services.tax.quotes.asked import QuoteIn
from services.tax.quotes.offers import faults_of, offers
from services.tax.quotes.question import Question
from services.tax.quotes.shown import OfferOut, QuoteOut, certificates
from services.tax.reading import SqlTaxReading
from shared.kernel.ids import is_uuid
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import reader
from shared.runtime.neighbour import ask
from shared.runtime.route import Door

router = Door()
Reading = Annotated[SqlTaxReading, Depends(reader(SqlTaxReading))]
Reader = Annotated[Caller, Depends(allowed("declarations:read"))]


@router.post("/quotes", summary="What would it cost? Every channel side by side")
async def quote(asked: QuoteIn, request: Request, reading: Reading, caller: Reader) -> QuoteOut:
    """A dry run of a declaration: taxes with formulas, what is left of the buyer's year, papers, landed cost.

    Nothing is stored, and nothing is guessed: without a law or a rate for the day the answer says what is missing.
    """
    law, now = force.law(), datetime.now(UTC)
    quota = await _quota(asked, reading, caller, now)
    question = asked.question(quota, await reading.notes(quota) if quota and quota.buyer else {})
    if faults := faults_of(question, law, now):
        raise _refusal(faults)
    made, (answer, is_away) = await asyncio.gather(
        asyncio.to_thread(_offered, question, law, now), _papers(request, asked)
    )
    return QuoteOut(quoted_at=now, law=law.digest, offers=made, **certificates(answer, is_away=is_away))


async def _papers(request: Request, asked: QuoteIn) -> tuple[Any, bool]:
    """What quarantine asks of the goods, where they go to China; and whether it is away."""
    if "CN" not in asked.to:
        return None, False
    lines = [{"goods_code": line.goods_code, "origin_country": line.origin_country} for line in asked.lines]
    body = {"lines": lines} | ({"on": asked.on.isoformat()} if asked.on else {})
    return await ask(request, "quarantine", "/v1/quarantine/requirements", body)


def _offered(question: Question, law: Law, now: datetime) -> list[OfferOut]:
    """Beside the loop, since a long question takes some milliseconds a country."""
    return [OfferOut.of(offer) for offer in offers(question, law, now)]


@router.get("/law", summary="The law in force here")
async def law_in_force(_caller: Reader) -> LawOut:
    """Every rule set with its dates, source and confidence; and why a newer folder of law was refused, if it was."""
    return LawOut.of(force.law(), force.refused())


async def _quota(asked: QuoteIn, reading: SqlTaxReading, caller: Caller, now: datetime) -> Quota | None:
    """The buyer's year: as said, or as it stands if the caller may read the declaration that names the buyer."""
    day: date = asked.on or day_of(now)
    if asked.year_used is not None:
        return Quota(buyer="", year=day.year, used=asked.year_used)
    if asked.buyer_of is None:
        return None
    found = await reading.buyer_of(asked.buyer_of) if is_uuid(asked.buyer_of) else None
    if found is None or not caller.may_read(found[1]):
        raise _no_buyer()
    return await reading.quota(found[0], day.year)


def _no_buyer() -> Refusal:
    """404 for a declaration that is absent and for one that is another's, alike."""
    said = {
        "detail": "no such declaration to take the buyer from",
        "fix": "name one that you may read, or none",
    }
    fault = Fault(pointer="/buyer_of", code="E-NOT-FOUND", rule="_quota", **said)
    return Refusal("E-NOT-FOUND", said["detail"], status=404, fix=said["fix"], faults=[fault])


def _refusal(faults: list[Fault]) -> Refusal:
    lone = faults[0]
    return Refusal(
        lone.code,
        lone.detail if len(faults) == 1 else f"the question has {len(faults)} faults",
        status=422,
        rule=lone.rule,
        fix=lone.fix if len(faults) == 1 else "correct every fault listed in errors and ask again",
        faults=faults,
    )
