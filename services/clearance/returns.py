"""Returns: what of released goods may go back.

A return is admitted under the case, by its release, its window, and what earlier returns have left of each line. It
ends as completed when the goods are back in time, or lapses; then its quantities are free again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from services.clearance.domain import Case, Denial
from services.clearance.windows import Terms, Windows
from shared.kernel.goods import ReturnedLine, ReturnedPart
from shared.kernel.ids import DeclarationId
from shared.kernel.returning import Declared, faults_of

Status = Literal["ADMITTED", "COMPLETED", "LAPSED"]
SOURCE = "Customs announcement 45/2020; CEB 625: released lists only"


class NotAdmitted(ValueError):
    """A word about a return that was never admitted: the message is wrong, not the books."""


class Wish(Protocol):
    """What is heard of a return that is asked for."""

    @property
    def declaration_id(self) -> DeclarationId: ...
    @property
    def version(self) -> int: ...
    @property
    def request_id(self) -> str: ...
    @property
    def requested_at(self) -> datetime: ...
    @property
    def lines(self) -> tuple[ReturnedLine, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """An admitted return, as it stands."""

    declaration_id: DeclarationId
    version: int
    request_id: str
    parties: tuple[str, ...]
    lines: tuple[ReturnedPart, ...]
    released_at: datetime
    back_by: datetime
    status: Status = "ADMITTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A return that is asked for, beside all that it is weighed against."""

    wish: Wish
    case: Case
    terms: Terms | None
    """None while nothing is released, or for a day that has no window."""
    declared: Mapping[int, Declared]
    """The lines of the released version, by number."""
    taken: Mapping[int, Decimal]


def must_be_released(claim: Claim) -> Denial | None:
    """Only goods that were let go, in the version that was. Its permit's own time may be over: that one bounds
    leaving the site, not coming back (reading)."""
    case = claim.case
    if case.permit is None:
        return _state(f"nothing is released: the declaration is {case.status.lower()}", "cancel it instead")
    if claim.wish.version != case.version:
        return Denial(
            code="E-SEQ-STALE",
            reason=f"based on version {claim.wish.version}, but {case.version} was released",
            rule="must_be_released",
            fix="read the declaration again, and ask for its lines as released",
            source=SOURCE,
        )
    return None


def must_not_be_revoked(claim: Claim) -> Denial | None:
    """A permit that was taken back lets nobody return: the goods are customs' affair."""
    permit = claim.case.permit
    if permit is None or permit.revocation is None:
        return None
    return _state(f"permit {permit.permit_no} is revoked", "ask the office that revoked it")


def must_come_in_time(claim: Claim) -> Denial | None:
    """Asked for within the days of the window after the day of release, the last one included."""
    terms, asked_at = claim.terms, claim.wish.requested_at
    if terms is not None and asked_at < terms.apply_by:
        return None
    if terms is None:
        reason = "no window for returns is kept for the day of release"
        fix = "tell the operator: the law of that day is missing"
        return Denial(code="E-RETURN-WINDOW", reason=reason, rule="must_come_in_time", fix=fix)
    return Denial(
        code="E-RETURN-WINDOW",
        reason=(
            f"released at {_told(terms.released_at, terms)}: a return could be asked for before "
            f"{_told(terms.apply_by, terms)}, with the goods back before {_told(terms.back_by, terms)}; "
            f"this was asked for at {_told(asked_at, terms)}"
        ),
        rule="must_come_in_time",
        fix="it cannot be returned under this list any more: tax and quota stay used",
        source=terms.source,
    )


def must_be_left(claim: Claim) -> Denial | None:
    """Declared lines, and no more of each than is declared and has not gone back."""
    faults = faults_of(claim.wish.lines, claim.declared, claim.taken)
    if not faults:
        return None
    first = faults[0]
    return Denial(
        code=first.code,
        reason="; ".join(fault.detail for fault in faults),
        pointer=first.pointer,
        rule=first.rule,
        fix=first.fix,
        source=first.source,
    )


RULES: tuple[Callable[[Claim], Denial | None], ...] = (
    must_be_released,
    must_not_be_revoked,
    must_come_in_time,
    must_be_left,
)


def judge(claim: Claim) -> Return | Denial:
    """The return, or the first rule that says no."""
    denial = next((denial for rule in RULES if (denial := rule(claim))), None)
    if denial is not None or claim.terms is None:
        return denial or _state("nothing is released", "cancel it instead")
    wish = claim.wish
    return Return(
        declaration_id=wish.declaration_id,
        version=wish.version,
        request_id=wish.request_id,
        parties=claim.case.parties,
        lines=tuple(
            ReturnedPart(
                line_no=line.line_no,
                quantity=line.quantity,
                declared=claim.declared[line.line_no].quantity,
            )
            for line in wish.lines
        ),
        released_at=claim.terms.released_at,
        back_by=claim.terms.back_by,
    )


def claim_of(
    wish: Wish, case: Case, declared: Mapping[int, Declared], earlier: Sequence[Return], windows: Windows
) -> Claim:
    """What a wish is weighed against."""
    terms = windows.terms(case.permit.issued_at) if case.permit else None
    return Claim(wish=wish, case=case, terms=terms, declared=declared, taken=taken_by(earlier))


def taken_by(returns: Sequence[Return]) -> Mapping[int, Decimal]:
    """What returns hold of each line: all but the lapsed ones."""
    taken: dict[int, Decimal] = defaultdict(Decimal)
    for each in returns:
        for line in each.lines if each.status != "LAPSED" else ():
            taken[line.line_no] += line.quantity
    return taken


def ended(returns: Sequence[Return], request_id: str, status: Status) -> Return | None:
    """An admitted return after its end; None when it has ended already."""
    found = next((each for each in returns if each.request_id == request_id), None)
    if found is None:
        raise NotAdmitted(f"return {request_id} was never admitted")
    return replace(found, status=status) if found.status == "ADMITTED" else None


def _state(reason: str, fix: str) -> Denial:
    return Denial(code="E-STATE", reason=reason, rule="must_be_released", fix=fix, source=SOURCE)


def _told(moment: datetime, terms: Terms) -> str:
    return moment.astimezone(terms.apply_by.tzinfo).isoformat(timespec="seconds")
