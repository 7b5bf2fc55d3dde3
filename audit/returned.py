"""Returned: what goes back, as the events tell it.

Replayed from clearance's facts by rules written here again: a return is admitted of what is released, in its days and
within what is declared, and ends once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from audit.rows import Fact
from audit.told import Line, Told

SHANGHAI = timezone(timedelta(hours=8))
LAW = Path(__file__).parents[1] / "services" / "clearance" / "data" / "return-windows-cn.toml"
"""The bundled windows as data; no code of clearance is asked."""
ASKED = "declaration.return-requested.v1"
ADMITTED, COMPLETED = "clearance.return-admitted.v1", "clearance.return-completed.v1"
LAPSED = "clearance.return-lapsed.v1"
BACK, OVERDUE = "logistics.goods-returned.v1", "logistics.return-overdue.v1"
PERMIT, REVOKED = "clearance.permit-issued.v1", "clearance.permit-revoked.v1"
ENDS = {COMPLETED: ("COMPLETED", BACK), LAPSED: ("LAPSED", OVERDUE)}
"""How a return ends, and on whose word."""


@dataclass(slots=True)
class Return:
    """One admitted return."""

    request_id: str
    version: int
    parts: Sequence[Line]
    back_by: datetime | None
    status: str = "ADMITTED"


@dataclass(slots=True)
class Returned:
    """The returns of one declaration, and what could not be."""

    returns: dict[str, Return] = field(default_factory=dict)
    """By request, in the order of their admission."""
    wrong: list[str] = field(default_factory=list)
    permit: Told | None = None
    is_revoked: bool = False

    def completed(self) -> Iterator[Return]:
        """Those whose goods are back."""
        return (each for each in self.returns.values() if each.status == "COMPLETED")

    def taken(self, line_no: int) -> Decimal:
        """What they hold of a line: all but the lapsed ones."""
        return sum(
            (
                part.quantity
                for each in self.returns.values()
                for part in each.parts
                if each.status != "LAPSED" and part.line_no == line_no
            ),
            Decimal(0),
        )


def replay(facts: Callable[[str], Sequence[Fact]]) -> Returned:
    """The returns after all facts of one declaration."""
    told = Returned()
    asked = {
        fact.told.request_id: fact.told for fact in facts("declaration") if fact.type == ASKED and fact.told
    }
    words = {(fact.type, fact.told.request_id): fact.told for fact in facts("logistics") if fact.told}
    filed = {fact.version: fact.told for fact in facts("declaration") if fact.told and fact.told.filed_at}
    for fact in facts("clearance"):
        if fact.told is not None:
            _step(told, fact, fact.told, asked.get(fact.told.request_id), filed.get(fact.version))
            if fact.type in ENDS:
                _end(told, fact, words)
    return told


def _step(told: Returned, fact: Fact, said: Told, asked: Told | None, filed: Told | None) -> None:
    if fact.type == PERMIT:
        told.permit = told.permit or said
    elif fact.type == REVOKED:
        told.is_revoked = True
    elif fact.type == ADMITTED:
        _admit(told, said, asked, filed)


def _admit(told: Returned, said: Told, asked: Told | None, filed: Told | None) -> None:
    if said.request_id in told.returns:
        told.wrong.append(f"return {said.request_id} was admitted twice")
    told.wrong += [
        f"return {said.request_id} was admitted: {why}" for why in _amiss(told, said, asked, filed)
    ]
    told.returns[said.request_id] = Return(said.request_id, said.version, said.lines, said.back_by)


def _amiss(told: Returned, said: Told, asked: Told | None, filed: Told | None) -> Iterator[str]:
    if asked is None:
        yield "nobody has asked for it"
    if told.permit is None or told.permit.version != said.version or told.is_revoked:
        yield f"version {said.version} is not released, or its permit is revoked"
    elif asked is not None:
        yield from _untimely(told.permit, said, asked)
    lines = {line.line_no: line for line in filed.lines} if filed else {}
    for part in said.lines:
        declared = lines[part.line_no].quantity if part.line_no in lines else Decimal(0)
        if part.declared != declared or told.taken(part.line_no) + part.quantity > declared:
            gone = told.taken(part.line_no)
            yield f"line {part.line_no} declares {declared}, {gone} is gone, {part.quantity} goes back"


def _untimely(permit: Told, said: Told, asked: Told) -> Iterator[str]:
    if permit.issued_at is None or asked.requested_at is None:
        return
    apply_by, back_by = deadlines(permit.issued_at)
    if asked.requested_at >= apply_by:
        yield f"it was asked for at {asked.requested_at}, not before {apply_by}"
    if said.back_by != back_by or said.released_at != permit.issued_at:
        yield f"its goods are awaited until {said.back_by}, not {back_by}"


def _end(told: Returned, fact: Fact, words: dict[tuple[str, str], Told]) -> None:
    status, word = ENDS[fact.type]
    request_id = fact.told.request_id if fact.told else ""
    found, heard = told.returns.get(request_id), words.get((word, request_id))
    if found is None or found.status != "ADMITTED":
        state = found.status if found else "not admitted"
        told.wrong.append(f"return {request_id} was {status} while it is {state}")
        return
    if heard is None:
        told.wrong.append(f"return {request_id} was {status}, logistics has said no {word}")
    elif word == BACK and found.back_by and heard.arrived_at and heard.arrived_at >= found.back_by:
        told.wrong.append(f"return {request_id} was {status}, its goods came at {heard.arrived_at}")
    found.status = status


def deadlines(released_at: datetime) -> tuple[datetime, datetime]:
    """Until when a return of goods released then may be asked for, and its goods be back; both too late already."""
    day = released_at.astimezone(SHANGHAI).date()
    for window in _windows():
        if window["valid_from"] <= day <= window.get("valid_to", date.max):
            return _end_of(day, window["apply_days"]), _end_of(day, window["arrive_days"])
    return released_at, released_at


def _end_of(day: date, days: int) -> datetime:
    return datetime.combine(day + timedelta(days=days + 1), time.min, SHANGHAI)


@cache
def _windows() -> list[dict[str, Any]]:
    windows: list[dict[str, Any]] = tomllib.loads(LAW.read_text(encoding="utf-8"))["window"]
    return windows
