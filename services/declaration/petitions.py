"""Petitions: orders to amend or to cancel.

They take what they need here (keys, a place in the queue of requests); clearance arbitrates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.declaration.filing import Filing, amending
from services.declaration.requests import Standing, Wanted, check_standing
from services.declaration.sayings import submitted
from services.declaration.settlement import Holder, conflict, reused
from shared.contracts.declaration import AmendmentRequested, CancellationRequested, DeclarationSubmitted
from shared.contracts.envelope import Event
from shared.kernel.ids import DeclarationId, moment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAmendment:
    """A seller's order: replace the running version by this filing."""

    declaration_id: DeclarationId
    filing: Filing
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCancellation:
    """A seller's order: end the declaration."""

    declaration_id: DeclarationId
    wanted: Wanted


class Keyring(Protocol):
    """Keys, natural ones and those of requests, and whose they are."""

    async def holders(self, keys: Sequence[str], now: datetime) -> Mapping[str, Holder]:
        """Who holds these keys."""

    async def is_kept(self, declaration_id: str, request_id: str) -> bool:
        """Whether a request is kept already."""

    async def take_request_key(self, key: str, claim: Holder, now: datetime) -> bool:
        """Take the Idempotency-Key of a request; False when it is another's by now."""


class Petitions(Keyring, Protocol):
    """Declarations as they stand, and the requests about them."""

    async def standing(self, declaration_id: str) -> Standing | None:
        """Where a declaration stands; None when there is none."""

    async def take_numbers(
        self, filing: Filing, declaration_id: str, now: datetime
    ) -> tuple[Sequence[str], Mapping[str, Holder]]:
        """Take the natural keys of an amendment that nobody holds; the others, and whose they are."""

    async def save_amendment(
        self, filing: Filing, wanted: Wanted, event: DeclarationSubmitted, keys: Sequence[str], now: datetime
    ) -> None:
        """Keep a request to amend, with the keys that it has taken."""

    async def save_request(self, declaration_id: str, wanted: Wanted, now: datetime) -> None:
        """Keep a request that carries no submission."""


async def on_amendments_requested(
    batch: Sequence[RequestAmendment], kept: Petitions, now: datetime
) -> list[Event]:
    """Take an amendment in: its keys are its own from now on; clearance arbitrates. As any filing it is filed at the
    moment of its id, by whose day the lot was drawn."""
    made: list[Event] = []
    for wish in batch:
        if await was_asked(wish.declaration_id, wish.wanted, wish.filing.content_hash, kept, now):
            continue
        standing = check_standing(await kept.standing(wish.declaration_id), wish.wanted, wish.filing)
        keys = await _take_numbers(wish, kept, now)
        filing, filed_at = amending(wish.filing, standing.risk), moment_of(wish.filing.declaration_id)
        event = submitted(filing, wish.declaration_id, wish.wanted.based_on_version, filed_at)
        await kept.save_amendment(filing, wish.wanted, event, keys, now)
        made.append(
            AmendmentRequested(
                declaration_id=wish.declaration_id,
                version=wish.wanted.based_on_version,
                parties=standing.parties,
                request_id=wish.wanted.request_id,
                requested_at=now,
            )
        )
    return made


async def was_asked(declaration_id: str, wanted: Wanted, content: str, kept: Keyring, now: datetime) -> bool:
    """Whether this very request is kept already: its Idempotency-Key has made it; or, without one, the reply to its
    commit was lost and the door tries it again. A fresh key is taken, another's refused."""
    if not wanted.idempotency:
        return await kept.is_kept(declaration_id, wanted.request_id)
    claim = Holder(declaration_id=declaration_id, content_hash=wanted.fingerprint(declaration_id, content))
    holder = (await kept.holders([wanted.idempotency], now)).get(wanted.idempotency)
    if holder is None:
        if not await kept.take_request_key(wanted.idempotency, claim, now):
            raise TimeoutError("an Idempotency-Key was taken meanwhile")
    elif holder != claim:
        raise reused()
    return holder is not None


async def _take_numbers(wish: RequestAmendment, kept: Petitions, now: datetime) -> Sequence[str]:
    """What it says and nobody holds is its own from now on; 409 where something is another's. Taken first and then
    looked at: what is free to who only looks may be another's a moment later."""
    taken, held = await kept.take_numbers(wish.filing, wish.declaration_id, now)
    for key, holder in sorted(held.items()):
        if holder.declaration_id != wish.declaration_id:
            raise conflict(key, holder)
    return taken


async def on_cancellations_requested(
    batch: Sequence[RequestCancellation], kept: Petitions, now: datetime
) -> list[Event]:
    """Take a cancellation in; clearance arbitrates."""
    made: list[Event] = []
    for wish in batch:
        if await was_asked(wish.declaration_id, wish.wanted, wish.wanted.reason, kept, now):
            continue
        standing = check_standing(await kept.standing(wish.declaration_id), wish.wanted, None)
        await kept.save_request(wish.declaration_id, wish.wanted, now)
        made.append(
            CancellationRequested(
                declaration_id=wish.declaration_id,
                version=wish.wanted.based_on_version,
                parties=standing.parties,
                request_id=wish.wanted.request_id,
                requested_at=now,
                reason=wish.wanted.reason,
            )
        )
    return made
