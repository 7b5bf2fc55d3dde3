"""Memory declarations: what the SQL store does, in dicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.declaration.filing import Filing
from services.declaration.requests import Amendment, Answer, Ended, Outcome, Standing, Wanted
from services.declaration.rows import (
    claims_of,
    idempotency_claim,
    keys_of_event,
    lines_of,
    natural_claims,
    read_summary,
    version_row,
)
from services.declaration.settlement import NOT_FILED, Holder
from shared.contracts.clearance import AmendmentAdmitted, RequestRefused
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.registry import PartyRegistered
from shared.kernel.returning import Declared
from shared.kernel.review import Review


class MemoryDeclarations:
    """Keeps the promise of `Declarations`, `Petitions` and `Keys`; one transaction at a time, no way back."""

    def __init__(self) -> None:
        self.versions: dict[tuple[str, int], dict[str, Any]] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self.outcomes: dict[tuple[str, int, str], Outcome] = {}
        self.requests: dict[str, tuple[str, Wanted, Amendment | None]] = {}
        self.answers: dict[str, Answer] = {}
        self.ended: dict[str, Ended] = {}
        self.reviews: dict[str, Review] = {}
        self.parties: dict[str, PartyRegistered] = {}

    async def take_keys(
        self, filings: Sequence[Filing], repeats: Mapping[str, Holder], now: datetime
    ) -> bool:
        """Take all keys of some filings, and the Idempotency-Keys of some repeats, or none of them."""
        claims = [claim for filing in filings for claim in claims_of(filing, now)]
        return self._take([*claims, *(idempotency_claim(*each, now) for each in repeats.items())], now)

    def _take(self, claims: Sequence[dict[str, Any]], now: datetime) -> bool:
        wanted = {claim["key"]: claim for claim in claims}
        if len(wanted) < len(claims) or any(self._is_held(key, now) for key in wanted):
            return False
        self.keys |= wanted
        return True

    def _is_held(self, key: str, now: datetime) -> bool:
        claim = self.keys.get(key)
        return claim is not None and (claim["expires_at"] is None or claim["expires_at"] > now)

    async def holders(self, keys: Sequence[str], now: datetime) -> Mapping[str, Holder]:
        """Who holds these keys."""
        held = {key: self.keys[key] for key in keys if self._is_held(key, now)}
        return {
            key: Holder(declaration_id=claim["declaration_id"], content_hash=claim["content_hash"])
            for key, claim in held.items()
        }

    async def save_versions(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep filed versions."""
        for row in rows:
            self.versions[row["declaration_id"], row["version"]] = dict(row)

    async def first_versions(self, declaration_ids: Sequence[str]) -> Mapping[str, tuple[str, datetime]]:
        """Lane and filing time of first versions."""
        rows = [self.versions[each, 1] for each in declaration_ids if (each, 1) in self.versions]
        return {row["declaration_id"]: (read_summary(row["summary"]).lane, row["filed_at"]) for row in rows}

    async def save_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of versions; the first word on each stands."""
        for each in outcomes:
            self.outcomes.setdefault((each.declaration_id, each.version, each.outcome), each)

    async def free_keys(self, declaration_ids: Sequence[str]) -> None:
        """Give back all natural keys of declarations."""
        for key in [key for key, claim in self.keys.items() if claim["declaration_id"] in declaration_ids]:
            if not key.startswith("idem|"):
                del self.keys[key]

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take them out of the queue."""
        for each in declaration_ids:
            self.reviews.pop(each, None)

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put work in the queue."""
        self.reviews |= {review.declaration_id: review for review in opened}

    async def standing(self, declaration_id: str) -> Standing | None:
        """Where a declaration stands."""
        rows = [row for (each, _), row in sorted(self.versions.items()) if each == declaration_id]
        if not rows:
            return None
        ended = [each.outcome for each in self.outcomes.values() if each.declaration_id == declaration_id]
        requests = [request for request, (each, _, _) in self.requests.items() if each == declaration_id]
        asked = [request for request in requests if request not in self.answers]
        latest = rows[-1]
        return Standing(
            version=latest["version"],
            platform=latest["platform"],
            seller=read_summary(latest["summary"]).seller,
            declarant=read_summary(latest["summary"]).declarant,
            parties=tuple(latest["parties"]),
            outcome=ended[-1] if ended else "",
            pending_request=asked[0] if asked else "",
            content_hash=read_summary(latest["summary"]).content_hash,
            risk=read_summary(latest["summary"]).risk,
            requests=len(requests),
        )

    async def take_request_key(self, key: str, claim: Holder, now: datetime) -> bool:
        """Take the Idempotency-Key of a request."""
        return self._take([idempotency_claim(key, claim, now)], now)

    async def take_numbers(
        self, filing: Filing, declaration_id: str, now: datetime
    ) -> tuple[Sequence[str], Mapping[str, Holder]]:
        """Take what nobody holds. Where something is another's nothing is: what is refused is undone."""
        held = await self.holders(filing.keys, now)
        if any(holder.declaration_id != declaration_id for holder in held.values()):
            return [], held
        claims = natural_claims(filing, declaration_id, now, NOT_FILED)
        fresh = {claim["key"]: claim for claim in claims if claim["key"] not in held}
        self.keys |= fresh
        return list(fresh), held

    async def save_amendment(
        self,
        filing: Filing,
        wanted: Wanted,
        event: DeclarationSubmitted,
        keys: Sequence[str],
        now: datetime,  # noqa: ARG002
    ) -> None:
        """Keep a request to amend, with the keys that it has taken."""
        amendment = Amendment(event=event, kept=filing.kept, keys=tuple(keys))
        self.requests[wanted.request_id] = (event.declaration_id, wanted, amendment)

    async def is_kept(self, declaration_id: str, request_id: str) -> bool:  # noqa: ARG002
        """Whether a request is kept already."""
        return request_id in self.requests

    async def save_request(self, declaration_id: str, wanted: Wanted, now: datetime) -> None:  # noqa: ARG002
        """Keep a request that carries no submission."""
        self.requests[wanted.request_id] = (declaration_id, wanted, None)

    async def declared_lines(self, declaration_id: str, version: int) -> Mapping[int, Declared]:
        """The lines of a version, by number."""
        return lines_of(self.versions[declaration_id, version]["document"])

    async def end_returns(self, ended: Sequence[Ended]) -> None:
        """Keep how admitted returns ended."""
        self.ended |= {each.request_id: each for each in ended}

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Keep clearance's answers."""
        self.answers |= {answer.request_id: answer for answer in answers}

    async def amendments(
        self, admitted: Sequence[AmendmentAdmitted | RequestRefused]
    ) -> Mapping[str, Amendment]:
        """The stored amendments, by request id."""
        found = {event.request_id: self.requests[event.request_id][2] for event in admitted}
        return {request_id: each for request_id, each in found.items() if each is not None}

    async def save_amended(self, admitted: Sequence[tuple[DeclarationSubmitted, Amendment]]) -> None:
        """Keep the new versions, and give back the keys that only the old ones needed."""
        for event, amendment in admitted:
            for key, claim in list(self.keys.items()):
                is_old = claim["declaration_id"] == event.declaration_id and key not in keys_of_event(event)
                if is_old and not key.startswith("idem|"):
                    del self.keys[key]
            for key in keys_of_event(event):
                if self.keys[key]["content_hash"] == NOT_FILED:
                    self.keys[key] = {**self.keys[key], "content_hash": event.content_hash}
            await self.save_versions([version_row(event, amendment.kept)])

    async def free_request_keys(self, refused: Sequence[RequestRefused]) -> None:
        """Give back the keys that refused amendments took."""
        for amendment in (await self.amendments(refused)).values():
            for key in amendment.keys:
                self.keys.pop(key, None)

    async def save_parties(self, parties: Sequence[PartyRegistered], now: datetime) -> None:  # noqa: ARG002
        """Keep parties as they stand now."""
        self.parties |= {party.code: replace(party) for party in parties}
