"""Clearance handlers: hear gates, answer requests.

Whatever is heard, the end is the same: the case is weighed, and what that decides is said. Everything goes
through the one locked case, so neither amendment nor cancellation races a permit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.clearance import domain, sayings
from services.clearance.domain import Case, News, PlaceHold, RevokePermit
from services.clearance.gates import Word
from services.clearance.heard import Assessed, ContentSubmitted, Submitted, TotalAssessed
from services.clearance.permit import Draft, declared, issue
from services.clearance.restoring import on_goods_returned, on_returns_overdue, on_returns_requested
from services.clearance.sayings import Request
from shared.contracts.codec import Reads
from shared.contracts.declaration import (
    AmendmentRequested,
    CancellationRequested,
    CustomsDecided,
    DeclarationSubmitted,
    ReturnRequested,
)
from shared.contracts.envelope import AnyEvent, Event
from shared.contracts.logistics import (
    ConsignmentArrived,
    ConsignmentBooked,
    GoodsReturned,
    LogisticsDecided,
    ReturnOverdue,
)
from shared.contracts.quarantine import QuarantineDecided, QuarantineTriaged
from shared.contracts.tax import TaxAssessed, TaxRefused, TaxSecured
from shared.kernel.review import ReviewDecided

GateSpoken = (
    Submitted
    | CustomsDecided
    | Assessed
    | TaxSecured
    | TaxRefused
    | QuarantineTriaged
    | QuarantineDecided
    | ConsignmentBooked
    | ConsignmentArrived
    | LogisticsDecided
)
Cases = Mapping[str, Case]
Admission = Callable[[Case], Case]


class CaseBook(Protocol):
    """Cases, what they declared, and the tally."""

    async def read(self, declaration_ids: Sequence[str]) -> Cases:
        """A case for every id: as it stands, or a fresh one."""

    async def keep_declared(self, texts: Mapping[tuple[str, int], bytes]) -> None:
        """Keep what versions declare, by declaration and version, as canonical text."""

    async def draft(self, ready: Sequence[Case]) -> Mapping[str, Draft]:
        """What the permits of these cases need; takes a running number for each."""

    async def save(self, before: Cases, after: Cases) -> None:
        """Store the cases that changed, their reviews, and how the tally moves."""


async def on_declarations_submitted(batch: Sequence[Submitted], book: CaseBook, now: datetime) -> list[Event]:
    """Keep what is declared; customs' gate comes with it."""
    await book.keep_declared({(filed.declaration_id, filed.version): declared(filed) for filed in batch})
    return await on_gates_spoken(batch, book, now)


async def on_gates_spoken(batch: Sequence[GateSpoken], book: CaseBook, now: datetime) -> list[Event]:
    """Hear what agencies say of their versions, and decide the cases it decides."""
    before = await book.read([event.declaration_id for event in batch])
    heard = [domain.hear(before[event.declaration_id], news_of(event, now)) for event in batch]
    return await conclude(book, before, heard, now)


async def on_amendments_requested(
    batch: Sequence[AmendmentRequested], book: CaseBook, now: datetime
) -> list[Event]:
    """Admit each amendment, or refuse it."""
    return await answer(batch, book, now, domain.amended)


async def on_cancellations_requested(
    batch: Sequence[CancellationRequested], book: CaseBook, now: datetime
) -> list[Event]:
    """Admit each cancellation, or refuse it."""
    return await answer(batch, book, now, domain.cancelled)


async def on_holds_placed(batch: Sequence[PlaceHold], book: CaseBook, now: datetime) -> list[Event]:
    """Hold declarations; a review of each opens for an officer."""
    before = await book.read([order.declaration_id for order in batch])
    after = {
        order.declaration_id: domain.held(before[order.declaration_id], order.reason, now) for order in batch
    }
    await book.save(before, after)
    return [sayings.held(after[order.declaration_id], order) for order in batch]


async def on_reviews_decided(batch: Sequence[ReviewDecided], book: CaseBook, now: datetime) -> list[Event]:
    """Lift the hold, or refuse the declaration; what waited behind the hold is decided with it."""
    before = await book.read([decided.declaration_id for decided in batch])
    heard = [domain.reviewed(before[decided.declaration_id], decided.order, now) for decided in batch]
    said: list[Event] = [
        sayings.lifted(before[decided.declaration_id], decided.order)
        for decided in batch
        if decided.order.verdict == "pass"
    ]
    return said + await conclude(book, before, heard, now)


async def on_permits_revoked(batch: Sequence[RevokePermit], book: CaseBook, now: datetime) -> list[Event]:
    """Take permits back."""
    before = await book.read([order.declaration_id for order in batch])
    after = {
        order.declaration_id: domain.revoked(before[order.declaration_id], order, now) for order in batch
    }
    await book.save(before, after)
    return [sayings.revoked(after[order.declaration_id], order) for order in batch]


async def answer(batch: Sequence[Request], book: CaseBook, now: datetime, admit: Admission) -> list[Event]:
    """Each request gets exactly one answer: admitted under the case, or refused with a reason."""
    before = await book.read([request.declaration_id for request in batch])
    admitted: list[Case] = []
    said: list[Event] = []
    for request in batch:
        case = before[request.declaration_id]
        denial = domain.denial(case, request.version)
        said.append(sayings.denied(request, denial) if denial else sayings.admitted(request))
        admitted += [] if denial else [admit(case)]
    return said + await conclude(book, before, admitted, now)


async def conclude(book: CaseBook, before: Cases, heard: Sequence[Case], now: datetime) -> list[Event]:
    """Weigh the cases, save them, say what is decided."""
    drafts = await book.draft([case for case in heard if domain.due(case) == "PERMIT"])
    after = {case.declaration_id: settled(case, drafts.get(case.declaration_id), now) for case in heard}
    await book.save(before, after)
    return [event for key, case in after.items() for event in sayings.outcome(before[key], case)]


def settled(case: Case, draft: Draft | None, now: datetime) -> Case:
    """The case with the outcome that its gates give it."""
    return domain.decided(case, None if draft is None else issue(case, draft, now))


def news_of(event: GateSpoken, now: datetime) -> News:
    """What an event tells of its version."""
    return News(
        version=event.version,
        parties=event.parties,
        word=Word(gate=event.gate, since=now),
        filed_at=event.filed_at if isinstance(event, Submitted) else None,
        tax_total=event.tax_total if isinstance(event, Assessed | TaxSecured) else None,
    )


SUBSCRIPTIONS: Mapping[type[AnyEvent], Callable[..., Awaitable[list[Event]]]] = {
    DeclarationSubmitted: on_declarations_submitted,
    CustomsDecided: on_gates_spoken,
    TaxAssessed: on_gates_spoken,
    TaxSecured: on_gates_spoken,
    TaxRefused: on_gates_spoken,
    QuarantineTriaged: on_gates_spoken,
    QuarantineDecided: on_gates_spoken,
    ConsignmentBooked: on_gates_spoken,
    ConsignmentArrived: on_gates_spoken,
    LogisticsDecided: on_gates_spoken,
    AmendmentRequested: on_amendments_requested,
    CancellationRequested: on_cancellations_requested,
    ReturnRequested: on_returns_requested,
    GoodsReturned: on_goods_returned,
    ReturnOverdue: on_returns_overdue,
}
READS: Reads = {DeclarationSubmitted: ContentSubmitted, TaxAssessed: TotalAssessed}
QUORUM = frozenset({"declaration", "tax", "quarantine", "logistics"})
"""Each speaks of every declaration that is filed, if only to say NOT_REQUIRED."""
