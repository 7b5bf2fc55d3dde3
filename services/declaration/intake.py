"""Intake: pending filings, stored as one batch.

A batch is one transaction: the keys are settled, what is new is kept and said, what is a repeat gets the answer
of the first. Its statements do not depend on the number of filings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.declaration.filing import Filing
from services.declaration.sayings import submitted
from services.declaration.settlement import Holder, Verdict, departed, keys_of, keys_of_repeats, settle
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.ids import moment_of
from shared.kernel.refusal import Refusal

TRIES = 3
Receipts = Mapping[str, tuple[str, datetime]]
Settled = tuple[Sequence[Verdict], Receipts]
"""Verdicts, and the first answers that repeats among them get."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to a filing: received, which is not yet an outcome."""

    declaration_id: str
    version: int
    lane: str
    received_at: datetime
    replayed: bool = False


class Keys(Protocol):
    """Natural keys and Idempotency-Keys."""

    async def take_keys(
        self, filings: Sequence[Filing], repeats: Mapping[str, Holder], now: datetime
    ) -> bool:
        """Take all keys of some filings, and the Idempotency-Keys of some repeats, or none of them."""

    async def holders(self, keys: Sequence[str], now: datetime) -> Mapping[str, Holder]:
        """Who holds these keys."""

    async def first_versions(self, declaration_ids: Sequence[str]) -> Receipts:
        """Lane and filing time of those first versions that are kept."""


async def settle_keys(store: Keys, filings: Sequence[Filing], now: datetime) -> Settled:
    """Whose are the keys: usually everyone's own, at once; otherwise after a look at who holds them.

    The first try, also of a batch that meets itself, locks every key in order. Who looked first would hold the keys
    that are there while he waits for one that is new, and another would do so the other way round.
    """
    if await store.take_keys(filings, {}, now):
        return filings, {}
    keys = [key for filing in filings for key in keys_of(filing)]
    for _ in range(TRIES):
        held = await store.holders(keys, now)
        verdicts, first = await _still_kept(store, settle(filings, held))
        fresh = [each for each in verdicts if isinstance(each, Filing)]
        if await store.take_keys(fresh, keys_of_repeats(filings, verdicts, held), now):
            return verdicts, first
    raise TimeoutError("keys were taken by others meanwhile")


async def _still_kept(store: Keys, verdicts: Sequence[Verdict]) -> Settled:
    """The verdicts; a repeat of what is no longer kept is a refusal, and takes no key."""
    first: dict[str, tuple[str, datetime]] = {
        each.declaration_id: _received(each) for each in verdicts if isinstance(each, Filing)
    }
    repeated = {each.declaration_id for each in verdicts if isinstance(each, Holder)}
    if asked := sorted(repeated - first.keys()):
        first |= await store.first_versions(asked)
    told = [
        departed(each) if isinstance(each, Holder) and each.declaration_id not in first else each
        for each in verdicts
    ]
    return told, first


def events_of(verdicts: Sequence[Verdict]) -> list[tuple[Filing, DeclarationSubmitted]]:
    """The accepted filings, each with the event that tells it: filed at the moment of its id, by which lists go."""
    return [
        (verdict, submitted(verdict, verdict.declaration_id, 1, moment_of(verdict.declaration_id)))
        for verdict in verdicts
        if isinstance(verdict, Filing)
    ]


def answers_of(verdicts: Sequence[Verdict], first: Receipts) -> list[Receipt | Refusal]:
    """An answer for each verdict, in order."""
    return [_answer(verdict, first) for verdict in verdicts]


def _answer(verdict: Verdict, first: Receipts) -> Receipt | Refusal:
    if isinstance(verdict, Refusal):
        return verdict
    said = _received(verdict) if isinstance(verdict, Filing) else first[verdict.declaration_id]
    return Receipt(
        declaration_id=verdict.declaration_id,
        version=1,
        lane=said[0],
        received_at=said[1],
        replayed=isinstance(verdict, Holder),
    )


def _received(filing: Filing) -> tuple[str, datetime]:
    """Lane and moment of a filing that is accepted, as they are kept of its first version."""
    return filing.risk.lane, moment_of(filing.declaration_id)
