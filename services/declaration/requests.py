"""Requests: what may still be asked of a declaration.

The window checks what it knows; whether the request comes in time is clearance's word.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.declaration.filing import Filing, Kept
from shared.contracts.clearance import RequestRefused
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.goods import ReturnedLine
from shared.kernel.refusal import Fault, Refusal

MOST_REQUESTS = 80
"""About one declaration. A service says six facts of each at the most, so a timeline of 500 a service shows all."""
TRADE = "this window's own rule: an amendment corrects a trade, it makes no other"

Kind = Literal["amendment", "cancellation", "return"]
State = Literal["PENDING", "ADMITTED", "REFUSED", "COMPLETED", "LAPSED"]
Ending = Literal["PERMITTED", "REFUSED", "CANCELLED", "REVOKED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request: which version it is based on, who asks, and why."""

    request_id: str
    kind: Kind
    based_on_version: int
    party: str
    reason: str = ""
    idempotency: str = ""
    """The key of the caller's Idempotency-Key; empty when there is none."""
    lines: tuple[ReturnedLine, ...] = ()
    """Of a return: what goes back."""

    def fingerprint(self, declaration_id: str, content: str) -> str:
        """What its Idempotency-Key stands for, as a hash (SHA-256, hex)."""
        said = f"{self.kind}|{declaration_id}|{self.based_on_version}|{content}"
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A stored request to amend: what is filed if clearance admits it."""

    event: DeclarationSubmitted
    """Under the version it was based on; it gets its own when it is admitted."""
    kept: Kept
    keys: tuple[str, ...]
    """The natural keys it took when it was requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a declaration stands, as far as this service has heard."""

    version: int
    platform: str
    seller: str
    declarant: str
    parties: tuple[str, ...]
    outcome: str = ""
    """The last one heard; empty while it is open."""
    pending_request: str = ""
    content_hash: str = ""
    """Of the running version."""
    risk: str = ""
    """Of the running version, as it is kept."""
    requests: int = 0
    """Made about it so far, whatever became of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a version."""

    declaration_id: str
    version: int
    outcome: Ending
    at: datetime
    code: str = ""
    reason: str = ""
    permit_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Clearance's answer to a request."""

    declaration_id: str
    request_id: str
    state: Literal["ADMITTED", "REFUSED"]
    answered_at: datetime
    code: str = ""
    detail: str = ""
    pointer: str = ""
    rule: str = ""
    fix: str = ""
    source: str = ""
    back_by: datetime | None = None
    """Of an admitted return: when the goods are too late."""

    @staticmethod
    def admitted(
        declaration_id: str, request_id: str, now: datetime, back_by: datetime | None = None
    ) -> Answer:
        """The request is carried out, or may be."""
        return Answer(
            declaration_id=declaration_id,
            request_id=request_id,
            state="ADMITTED",
            answered_at=now,
            back_by=back_by,
        )

    @staticmethod
    def refused(event: RequestRefused, now: datetime) -> Answer:
        """The request came too late, was based on another version, or asked for too much."""
        return Answer(
            declaration_id=event.declaration_id,
            request_id=event.request_id,
            state="REFUSED",
            answered_at=now,
            code=event.code,
            detail=event.reason,
            pointer=event.pointer,
            rule=event.rule,
            fix=event.fix,
            source=event.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an admitted return ended."""

    declaration_id: str
    request_id: str
    state: Literal["COMPLETED", "LAPSED"]
    answered_at: datetime


def check_party(standing: Standing | None, wanted: Wanted) -> Standing:
    """The declaration, if this party may ask anything of it."""
    if standing is None or wanted.party not in (standing.declarant, standing.seller, standing.platform):
        raise Refusal(
            "E-NOT-FOUND", "no such declaration", status=404, fix="check the id and whose token you use"
        )
    return standing


def check_standing(known: Standing | None, wanted: Wanted, filing: Filing | None) -> Standing:
    """The declaration, if this party may ask this of it now."""
    standing = check_party(known, wanted)
    if standing.outcome:
        raise _state(f"it has ended: {standing.outcome}", "file anew if you must")
    if standing.version != wanted.based_on_version:
        raise Refusal(
            "E-SEQ-STALE",
            f"it is based on version {wanted.based_on_version}, but {standing.version} is running",
            status=409,
            rule="check_standing",
            fix=f"read version {standing.version}, and base the request on it if you still want it",
            source="this window's own rule: one version runs",
        )
    if standing.pending_request:
        raise _state(f"request {standing.pending_request} is not answered yet", "wait for its answer")
    if filing is not None:
        check_room(standing)
        _check_change(standing, filing)
    return standing


def check_room(standing: Standing) -> None:
    """One more amendment or return may be asked for; a cancellation always may."""
    if standing.requests >= MOST_REQUESTS:
        raise Refusal(
            "E-LIMIT-REQUESTS",
            f"{standing.requests} requests were made about it, which is as many as are taken",
            status=409,
            rule="check_room",
            fix="before its release cancel it and file anew; afterwards ask the customs office",
            source="this window's own rule: its timeline shows everything",
        )


def _check_change(standing: Standing, filing: Filing) -> None:
    if faults := _trade_faults(standing, filing):
        raise Refusal(
            "E-AMEND-TRADE",
            "an amendment keeps platform, seller and declarant",
            status=422,
            rule="check_standing",
            fix="cancel, and file anew",
            source=TRADE,
            faults=faults,
        )
    if filing.content_hash == standing.content_hash:
        raise Refusal(
            "E-AMEND-SAME",
            f"the submission says what version {standing.version} says already",
            status=422,
            rule="check_standing",
            fix="send what is to be different, or nothing",
            source="this window's own rule: the same content is one version",
        )


def _trade_faults(standing: Standing, filing: Filing) -> list[Fault]:
    """Whom an amendment would change."""
    order, papers = filing.submission.order, filing.submission.list
    pairs = {
        "/submission/order/platform_code": (standing.platform, order.platform_code),
        "/submission/order/seller_code": (standing.seller, order.seller_code),
        "/submission/list/declarant_code": (standing.declarant, papers.declarant_code),
    }
    return [
        Fault(
            pointer=pointer,
            code="E-AMEND-TRADE",
            rule="check_standing",
            detail=f"it is {was}, not {wanted}",
            fix=f"send {was}, or cancel and file anew",
            source=TRADE,
        )
        for pointer, (was, wanted) in pairs.items()
        if was != wanted
    ]


def _state(detail: str, fix: str) -> Refusal:
    source = "CEB -621011, -621012: change only before release"
    return Refusal("E-STATE", detail, status=409, rule="check_standing", fix=fix, source=source)
