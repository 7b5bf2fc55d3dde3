"""Quote door: a dry run over HTTP, and the law in force.

The body is decoded exactly: decimals never pass binary floating point. What cannot be answered at all is 422 with
every fault; a channel that is closed to the goods is an answer, with what stands in the way.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from services.tax.law import force
from services.tax.law.book import Law
from services.tax.law.calendar import day_of
from services.tax.law.shown import LawOut
from services.tax.quota import Quota
from services.tax.quotes.asked import EXAMPLE, QuoteIn
from services.tax.quotes.offers import faults_of, offers
from services.tax.quotes.question import Question
from services.tax.quotes.shown import OfferOut, QuoteOut
from services.tax.reading import SqlTaxReading
from shared.kernel.ids import is_uuid
from shared.kernel.refusal import Fault, Refusal
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import not_found, reader

router = APIRouter()
MAX_BODY = 256 * 1024
Reading = Annotated[SqlTaxReading, Depends(reader(SqlTaxReading))]
Reader = Annotated[Caller, Depends(allowed("declarations:read"))]
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_FIXES = {
    "missing": "add the field",
    "extra_forbidden": "leave the field out",
    "greater_than": "send a larger amount",
    "greater_than_equal": "send an amount that is not negative",
    "less_than": "send an amount below 1,000,000,000",
    "decimal_max_digits": "send at most 14 digits",
    "decimal_max_places": "send at most five places",
    "string_pattern_mismatch": "send a code of that form: docs/fields.md",
    "finite_number": "send a finite number",
}


def _schema() -> dict[str, Any]:
    """The schema of the body, with its parts in their places."""
    schema = QuoteIn.model_json_schema()
    parts = schema.pop("$defs")
    schema["properties"]["lines"]["items"] = parts["QuoteLineIn"]
    return schema


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _schema(), "example": EXAMPLE}},
    }
}


@router.post("/quotes", summary="What would it cost? Every channel side by side", openapi_extra=_BODY)
async def quote(request: Request, reading: Reading, caller: Reader) -> QuoteOut:
    """A dry run of a declaration: taxes with formulas, what is left of the buyer's year, landed cost.

    Nothing is stored, and nothing is guessed: without a law or a rate for the day the answer says what is missing.
    """
    asked, law, now = read_quote(await request.body()), force.law(), datetime.now(UTC)
    question = asked.question(await _quota(asked, reading, caller, now))
    if faults := faults_of(question, law, now):
        raise _refusal(faults, faults[0].code, "")
    made = await asyncio.to_thread(_offered, question, law, now)
    return QuoteOut(quoted_at=now, law=law.digest, offers=made)


def _offered(question: Question, law: Law, now: datetime) -> list[OfferOut]:
    """Beside the loop, since a long question takes some milliseconds a country."""
    return [OfferOut.of(offer) for offer in offers(question, law, now)]


@router.get("/law", summary="The law in force here")
async def law_in_force(_caller: Reader) -> LawOut:
    """Every rule set with its dates, source and confidence; and why a newer folder of law was refused, if it was."""
    return LawOut.of(force.law(), force.refused())


async def _quota(asked: QuoteIn, reading: SqlTaxReading, caller: Caller, now: datetime) -> Quota | None:
    """The buyer's year as it stands, if the caller may read the declaration that names the buyer."""
    if asked.buyer_of is None:
        return None
    found = await reading.buyer_of(asked.buyer_of) if is_uuid(asked.buyer_of) else None
    if found is None or not caller.may_read(found[1]):
        raise not_found("declaration to take the buyer from")
    day: date = asked.on or day_of(now)
    return await reading.quota(found[0], day.year)


def read_quote(raw: bytes) -> QuoteIn:
    """The question in a body; raises a Refusal (400, 413, 422) that names every fault."""
    if len(raw) > MAX_BODY:
        raise Refusal(
            "E-TOO-LARGE", f"a quote has at most {MAX_BODY} bytes", status=413, fix="ask for fewer lines"
        )
    try:
        plain = _decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        detail = f"the body cannot be read as JSON: {error}"
        raise Refusal(
            "E-FMT-SCHEMA", detail, status=400, rule="read_quote", fix="send one JSON object"
        ) from None
    try:
        return QuoteIn.model_validate(plain)
    except ValidationError as error:
        found = [_fault(each) for each in error.errors(include_url=False, include_input=False)]
        raise _refusal(found, found[0].code, "of shape") from None


def _fault(error: Any) -> Fault:
    kind = str(error["type"])
    pointer = "".join("/" + str(part)[:60].replace("~", "~0").replace("/", "~1") for part in error["loc"])
    if error["loc"][-1:] == ("goods_code",) and kind == "string_pattern_mismatch":
        return Fault(
            pointer=pointer,
            code="E-LAW-CODE",
            rule="goods_codes_lie_in_a_chapter",
            detail="this is no code of the Harmonized System",
            fix="send six, eight or ten digits that begin with a chapter in use: 01 to 97, without 77",
            source="Harmonized System 2022",
        )
    return Fault(
        pointer=pointer,
        code="E-FMT-SCHEMA",
        rule=kind,
        detail="there is no such field" if kind == "extra_forbidden" else str(error["msg"]),
        fix=_FIXES.get(kind, "correct the value"),
    )


def _refusal(faults: list[Fault], code: str, kind: str) -> Refusal:
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''} {kind}".strip()
    detail = faults[0].detail if len(faults) == 1 else f"the question has {count}"
    fix = faults[0].fix if len(faults) == 1 else "correct every fault listed in errors and ask again"
    return Refusal(code, detail, status=422, rule="read_quote", fix=fix, faults=faults)
