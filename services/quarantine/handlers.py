"""Quarantine handlers: triage, decide, close.

What is triaged and held waits in the officers' queue; what is over leaves it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.quarantine.domain import gate_decided, review_of, triage
from services.quarantine.heard import GoodsSubmitted, Submitted
from services.quarantine.rulebook import bundled_rules
from shared.contracts.clearance import DeclarationCancelled, DeclarationRefused
from shared.contracts.codec import Reads
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import AnyEvent, Event
from shared.contracts.quarantine import QuarantineDecided, QuarantineTriaged
from shared.kernel.ids import DeclarationId
from shared.kernel.review import Review, ReviewDecided

Handler = Callable[..., Awaitable[list[Event]]]


class QuarantineDesk(Protocol):
    """The officers' queue."""

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put reviews into the queue; a newer version's replaces the older one."""

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take the reviews of these declarations out of the queue, if there are any."""


async def on_declarations_submitted(
    batch: Sequence[Submitted], desk: QuarantineDesk, now: datetime
) -> list[Event]:
    """Say of each version what quarantine wants; the held ones wait for an officer."""
    book = bundled_rules()
    triaged = [(filed, triage(book, filed.lines, filed.certificates, filed.filed_at)) for filed in batch]
    await desk.close_reviews([filed.declaration_id for filed in batch if filed.version > 1])
    await desk.open_reviews(
        [
            review_of(filed.declaration_id, filed.version, filed.parties, made.gate, now)
            for filed, made in triaged
            if made.gate.status == "HELD"
        ]
    )
    return [
        QuarantineTriaged(
            declaration_id=filed.declaration_id,
            version=filed.version,
            parties=filed.parties,
            gate=made.gate,
            rules=made.rules,
        )
        for filed, made in triaged
    ]


async def on_reviews_decided(
    batch: Sequence[ReviewDecided], _desk: QuarantineDesk, _now: datetime
) -> list[Event]:
    """Say what the officers decided; the runtime has closed their reviews."""
    return [
        QuarantineDecided(
            declaration_id=DeclarationId(decided.declaration_id),
            version=decided.review.version,
            parties=decided.review.parties,
            gate=gate_decided(decided.order),
            officer=decided.order.officer,
        )
        for decided in batch
    ]


async def on_declarations_ended(
    batch: Sequence[DeclarationRefused | DeclarationCancelled], desk: QuarantineDesk, _now: datetime
) -> list[Event]:
    """Nothing of a declaration that is over waits for an officer."""
    await desk.close_reviews([event.declaration_id for event in batch])
    return []


SUBSCRIPTIONS: dict[type[AnyEvent], Handler] = {
    DeclarationSubmitted: on_declarations_submitted,
    DeclarationRefused: on_declarations_ended,
    DeclarationCancelled: on_declarations_ended,
}
READS: Reads = {DeclarationSubmitted: GoodsSubmitted}
