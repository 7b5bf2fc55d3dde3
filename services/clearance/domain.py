"""The case: one outcome for every version.

A case is open until its running version has its permit, is refused or cancelled. Amendment, cancellation,
hold and permit are all decided here, on one locked case, so that none races another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from services.clearance.gates import Outcome, Standing, Word, awaited_gates, outcome
from shared.kernel.gate import Gate
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review

Status = Literal["OPEN", "PERMIT", "REFUSED", "CANCELLED"]
Validity = Literal["valid", "expired", "revoked"]
HOLD_CODE = "CLEARANCE_HOLD"
HOLD_TIME = timedelta(days=5)
"""Time for an officer to decide his own hold (reading: the document clock of five days)."""
UNHEARD = Standing()


class Revocation(Struct, frozen=True, kw_only=True):
    """Who took a permit back, when and why."""

    revoked_at: datetime
    officer: str
    reason: str


class Permit(Struct, frozen=True, kw_only=True):
    """The one permit of a declaration."""

    permit_no: str
    issued_at: datetime
    valid_until: datetime
    covers_sha256: str
    key_id: str
    revocation: Revocation | None = None


class Case(Struct, frozen=True, kw_only=True):
    """Where a declaration stands."""

    declaration_id: str
    version: int = 1
    """The running one."""
    status: Status = "OPEN"
    superseded: int = 0
    """Versions replaced by an admitted amendment."""
    parties: tuple[str, ...] = ()
    standings: Mapping[int, Standing] = field(default_factory=dict)
    """By version: the running one, and later ones if somebody was quicker than our own word."""
    hold: Word | None = None
    """Clearance's own gate: HELD by an officer, or REFUSED by one. It outlasts an amendment."""
    permit: Permit | None = None

    @property
    def running(self) -> Standing:
        """What was heard of the running version."""
        return self.standings.get(self.version, UNHEARD)

    @property
    def is_held(self) -> bool:
        """Whether clearance's own hold is open."""
        return self.status == "OPEN" and self.hold is not None and self.hold.gate.status == "HELD"


class News(Struct, frozen=True, kw_only=True):
    """What one event tells of one version, whoever says it."""

    version: int
    parties: tuple[str, ...]
    word: Word
    filed_at: datetime | None = None
    tax_total: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """An officer of clearance stops a declaration."""

    declaration_id: str
    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokePermit:
    """An officer of clearance takes a permit back."""

    declaration_id: str
    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """Why a request comes to nothing."""

    code: str
    reason: str
    pointer: str = ""
    """JSON Pointer into the request."""
    rule: str = ""
    fix: str = ""
    source: str = ""


def hear(case: Case, news: News) -> Case:
    """The case with the news; nothing changes a case that is decided, nor does a version that is over."""
    if case.status != "OPEN" or news.version < case.version:
        return case
    known = case.standings.get(news.version, UNHEARD)
    standing = Standing(
        filed_at=news.filed_at or known.filed_at,
        tax_total=known.tax_total if news.tax_total is None else news.tax_total,
        words={**known.words, news.word.gate.agency: news.word},
    )
    return replace(case, parties=news.parties, standings={**case.standings, news.version: standing})


def due(case: Case) -> Outcome:
    """What the gates of an open case amount to; a case that is decided stays as it is."""
    return outcome(case.running, case.hold) if case.status == "OPEN" else "OPEN"


def awaited(case: Case) -> list[str]:
    """Who must act before an open case is decided, each named once, in the order of the gates."""
    gates = awaited_gates(case.running, case.hold) if case.status == "OPEN" else ()
    return list(dict.fromkeys(gate.awaits or gate.agency for gate in gates))


def decided(case: Case, permit: Permit | None) -> Case:
    """The case after its gates are weighed: with its permit, refused, or as it was."""
    if permit is not None:
        return replace(case, status="PERMIT", permit=permit)
    return replace(case, status="REFUSED") if due(case) == "REFUSED" else case


def denial(case: Case, version: int) -> Denial | None:
    """Why an amendment or cancellation based on `version` is refused: too late, or another version runs."""
    if case.status != "OPEN":
        return Denial(code="E-STATE", reason=f"too late: the declaration has ended ({case.status.lower()})")
    if version != case.version:
        return Denial(code="E-SEQ-STALE", reason=f"based on version {version}, but {case.version} is running")
    return None


def amended(case: Case) -> Case:
    """The next version runs; what was heard of the one before is over."""
    later = {version: standing for version, standing in case.standings.items() if version > case.version}
    return replace(case, version=case.version + 1, superseded=case.superseded + 1, standings=later)


def cancelled(case: Case) -> Case:
    """The declaration ends, whatever version may follow."""
    return replace(case, status="CANCELLED")


def held(case: Case, reason: str, now: datetime) -> Case:
    """The case with clearance's own hold; only an open case can be held, and not once an officer has refused it."""
    if case.status != "OPEN" or case.hold is not None:
        what = f"over ({case.status.lower()})" if case.status != "OPEN" else "held already, or refused"
        raise Refusal("E-STATE", f"the declaration is {what}", rule="held", fix="read the declaration again")
    gate = Gate(
        agency="clearance",
        status="HELD",
        code=HOLD_CODE,
        reason=reason,
        awaits="clearance officer",
        due_at=now + HOLD_TIME,
    )
    return replace(case, hold=Word(gate=gate, since=now))


def reviewed(case: Case, order: DecideReview, now: datetime) -> Case:
    """The case after an officer decided its hold: lifted, or clearance's own gate says no."""
    if order.verdict == "pass":
        return replace(case, hold=None)
    gate = Gate(agency="clearance", status="REFUSED", code="E-CLEARANCE", reason=order.reason)
    return replace(case, hold=Word(gate=gate, since=now))


def revoked(case: Case, order: RevokePermit, now: datetime) -> Case:
    """The case with its permit taken back; once, and it never comes back."""
    if case.permit is None or case.permit.revocation is not None:
        detail = "it is revoked already" if case.permit else "there is no permit to revoke"
        raise Refusal("E-STATE", detail, rule="revoked", fix="read the declaration again")
    revocation = Revocation(revoked_at=now, officer=order.officer, reason=order.reason)
    return replace(case, permit=replace(case.permit, revocation=revocation))


def validity(permit: Permit, now: datetime) -> Validity:
    """Whether a permit is good at a moment; the last moment of its time still is."""
    if permit.revocation is not None:
        return "revoked"
    return "valid" if now <= permit.valid_until else "expired"


def review_of(case: Case) -> Review | None:
    """What an officer of clearance must decide: the case's own hold."""
    if not case.is_held or case.hold is None:
        return None
    gate, since = case.hold.gate, case.hold.since
    return Review(
        declaration_id=case.declaration_id,
        version=case.version,
        code=gate.code,
        reason=gate.reason,
        parties=case.parties,
        opened_at=since,
        due_at=gate.due_at or since + HOLD_TIME,
    )
