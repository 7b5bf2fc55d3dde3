"""Declaration handlers: outcomes and answers heard.

Filings do not pass here: they are stored by the batch in intake.py, before anyone has a head to lock; orders to
amend or cancel are in petitions.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from services.declaration.requests import Amendment, Answer, Ended, Outcome
from services.declaration.sayings import reviews_of
from shared.contracts.clearance import (
    AmendmentAdmitted,
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
    PermitRevoked,
    RequestRefused,
    ReturnAdmitted,
    ReturnCompleted,
    ReturnLapsed,
)
from shared.contracts.declaration import CustomsDecided, DeclarationSubmitted
from shared.contracts.envelope import AnyEvent, Event
from shared.contracts.registry import PartyRegistered
from shared.kernel.gate import Gate
from shared.kernel.ids import DeclarationId
from shared.kernel.review import Review, ReviewDecided


class Declarations(Protocol):
    """Filed versions, their keys, outcomes and requests."""

    async def save_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of versions."""

    async def free_keys(self, declaration_ids: Sequence[str]) -> None:
        """Give back all natural keys of declarations that ended without a permit."""

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take them out of the officers' queue."""

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put work in the officers' queue."""

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Keep clearance's answers to requests."""

    async def end_returns(self, ended: Sequence[Ended]) -> None:
        """Keep how admitted returns ended."""

    async def amendments(self, admitted: Sequence[AmendmentAdmitted]) -> Mapping[str, Amendment]:
        """The stored amendments, by request id."""

    async def save_amended(self, admitted: Sequence[tuple[DeclarationSubmitted, Amendment]]) -> None:
        """Keep the new versions, and give back the keys that only the old ones needed."""

    async def free_request_keys(self, refused: Sequence[RequestRefused]) -> None:
        """Give back the keys that refused amendments took."""

    async def save_parties(self, parties: Sequence[PartyRegistered], now: datetime) -> None:
        """Keep parties as they stand now."""


async def on_permits_issued(batch: Sequence[PermitIssued], kept: Declarations, _: datetime) -> list[Event]:
    """Permitted."""
    await kept.save_outcomes(
        [
            Outcome(
                declaration_id=event.declaration_id,
                version=event.version,
                outcome="PERMITTED",
                at=event.issued_at,
                permit_no=event.permit_no,
            )
            for event in batch
        ]
    )
    return []


async def on_declarations_refused(
    batch: Sequence[DeclarationRefused], kept: Declarations, now: datetime
) -> list[Event]:
    """Refused: its natural keys are free again."""
    await kept.save_outcomes(
        [
            Outcome(
                declaration_id=event.declaration_id,
                version=event.version,
                outcome="REFUSED",
                at=now,
                code=event.gate.code,
                reason=event.gate.reason,
            )
            for event in batch
        ]
    )
    return await _end(batch, kept)


async def on_declarations_cancelled(
    batch: Sequence[DeclarationCancelled], kept: Declarations, now: datetime
) -> list[Event]:
    """Cancelled: the request is answered, the natural keys are free again."""
    await kept.save_outcomes(
        [
            Outcome(
                declaration_id=event.declaration_id,
                version=event.version,
                outcome="CANCELLED",
                at=now,
                reason=event.reason,
            )
            for event in batch
        ]
    )
    await kept.answer([Answer.admitted(event.declaration_id, event.request_id, now) for event in batch])
    return await _end(batch, kept)


async def _end(batch: Sequence[Event], kept: Declarations) -> list[Event]:
    ids = [event.declaration_id for event in batch]
    await kept.free_keys(ids)
    await kept.close_reviews(ids)
    return []


async def on_permits_revoked(
    batch: Sequence[PermitRevoked], kept: Declarations, now: datetime
) -> list[Event]:
    """Revoked: the keys stay taken, since the goods were let go once."""
    await kept.save_outcomes(
        [
            Outcome(
                declaration_id=event.declaration_id,
                version=event.version,
                outcome="REVOKED",
                at=now,
                reason=event.reason,
                permit_no=event.permit_no,
            )
            for event in batch
        ]
    )
    return []


async def on_amendments_admitted(
    batch: Sequence[AmendmentAdmitted], kept: Declarations, now: datetime
) -> list[Event]:
    """File the new version that the request has waited with."""
    found = await kept.amendments(batch)
    made = [
        (replace(found[event.request_id].event, version=event.version), found[event.request_id])
        for event in batch
    ]
    await kept.save_amended(made)
    await kept.answer([Answer.admitted(event.declaration_id, event.request_id, now) for event in batch])
    filed = [event for event, _ in made]
    await kept.close_reviews([event.declaration_id for event in filed])
    await kept.open_reviews(reviews_of(filed, now))
    return list(filed)


async def on_requests_refused(
    batch: Sequence[RequestRefused], kept: Declarations, now: datetime
) -> list[Event]:
    """The request came too late: what it took is given back."""
    await kept.free_request_keys(batch)
    await kept.answer([Answer.refused(event, now) for event in batch])
    return []


async def on_returns_admitted(
    batch: Sequence[ReturnAdmitted], kept: Declarations, now: datetime
) -> list[Event]:
    """The goods may go back."""
    await kept.answer(
        [Answer.admitted(event.declaration_id, event.request_id, now, event.back_by) for event in batch]
    )
    return []


async def on_returns_ended(
    batch: Sequence[ReturnCompleted | ReturnLapsed], kept: Declarations, now: datetime
) -> list[Event]:
    """They are back, or their time is over."""
    await kept.end_returns(
        [
            Ended(
                declaration_id=event.declaration_id,
                request_id=event.request_id,
                state="COMPLETED" if isinstance(event, ReturnCompleted) else "LAPSED",
                answered_at=now,
            )
            for event in batch
        ]
    )
    return []


async def on_parties_registered(
    batch: Sequence[PartyRegistered], kept: Declarations, now: datetime
) -> list[Event]:
    """Keep the party as it stands now."""
    await kept.save_parties(batch, now)
    return []


async def on_reviews_decided(batch: Sequence[ReviewDecided], _: Declarations, __: datetime) -> list[Event]:
    """A customs officer has decided a held version."""
    return [
        CustomsDecided(
            declaration_id=DeclarationId(decided.declaration_id),
            version=decided.review.version,
            parties=decided.review.parties,
            gate=_gate_of(decided),
            officer=decided.order.officer,
        )
        for decided in batch
    ]


def _gate_of(decided: ReviewDecided) -> Gate:
    if decided.order.verdict == "pass":
        return Gate(agency="customs", status="PASSED", code="REVIEWED", reason=decided.order.reason)
    return Gate(agency="customs", status="REFUSED", code="CUSTOMS_REFUSED", reason=decided.order.reason)


SUBSCRIPTIONS: dict[type[AnyEvent], Callable[[Any, Any, datetime], Awaitable[list[Event]]]] = {
    PermitIssued: on_permits_issued,
    DeclarationRefused: on_declarations_refused,
    DeclarationCancelled: on_declarations_cancelled,
    AmendmentAdmitted: on_amendments_admitted,
    RequestRefused: on_requests_refused,
    PermitRevoked: on_permits_revoked,
    ReturnAdmitted: on_returns_admitted,
    ReturnCompleted: on_returns_ended,
    ReturnLapsed: on_returns_ended,
    PartyRegistered: on_parties_registered,
}
