"""Declaration store: versions, keys, outcomes, requests.

Every method is a fixed number of statements, whatever the batch's size. Keys are taken in key order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.declaration.filing import Filing, Kept
from services.declaration.request_store import SqlRequests
from services.declaration.requests import Amendment, Outcome, Standing
from services.declaration.rows import (
    claims_of,
    idempotency_claim,
    keys_of_event,
    keys_of_row,
    natural_claims,
    read_summary,
    version_row,
)
from services.declaration.settlement import NOT_FILED, Holder
from services.declaration.tables import declarations, outcomes, parties, taken_keys
from shared.contracts.clearance import AmendmentAdmitted, RequestRefused
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.registry import PartyRegistered
from shared.kernel.review import Review
from shared.runtime import reviews
from shared.runtime.arrays import columns_of, unnest
from shared.runtime.database import (
    fetch,
    insert_missing,
    insert_rows,
    upsert_rows,
)

_KEY = [column.name for column in taken_keys.columns]
_OUTCOME = [column.name for column in outcomes.columns]
_TAKE = sa.text(
    f"""insert into taken_keys ({", ".join(_KEY)}) select * from {unnest(taken_keys, _KEY)}
        on conflict (key) do update set declaration_id = excluded.declaration_id,
          content_hash = excluded.content_hash, expires_at = excluded.expires_at
        where taken_keys.expires_at <= :now
        returning key"""
)
_HOLDERS = sa.text(
    """select key, declaration_id::text, content_hash from taken_keys
       where key = any(cast(:keys as text[])) and (expires_at is null or expires_at > :now)
       order by key for update"""
)
_FREE = sa.text(
    """delete from taken_keys where key = any(cast(:keys as text[]))
       and declaration_id = any(cast(:ids as uuid[]))"""
)
_FILED = sa.text(
    f"""update taken_keys set content_hash = given.content_hash
        from {unnest(taken_keys, ("key", "declaration_id", "content_hash"))}
        where taken_keys.key = given.key and taken_keys.declaration_id = given.declaration_id
          and taken_keys.content_hash = '{NOT_FILED}'"""
)
_NUMBERS = sa.text(
    "select platform, order_no, summary from declarations where declaration_id = any(cast(:ids as uuid[]))"
)
_STANDING = sa.text(
    """select d.version, d.platform, d.parties, d.summary,
         coalesce((select o.outcome from outcomes o where o.declaration_id = d.declaration_id
                   order by outcome = 'REVOKED' desc, at desc limit 1), ''),
         coalesce((select r.request_id::text from requests r where r.declaration_id = d.declaration_id
                   and r.state = 'PENDING' limit 1), ''),
         (select count(*) from requests r where r.declaration_id = d.declaration_id)
       from declarations d where d.declaration_id = :id order by d.version desc limit 1"""
)
_AMENDMENTS = sa.text(
    """select request_id::text, event, document, buyer_ending, risk, keys from requests
       where kind = 'amendment' and declaration_id = any(cast(:ids as uuid[]))
         and request_id = any(cast(:requests as uuid[]))"""
)
_read_event = msgspec.json.Decoder(DeclarationSubmitted)


class SqlDeclarations(SqlRequests):
    """Declarations in PostgreSQL, bound to one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def take_keys(
        self, filings: Sequence[Filing], repeats: Mapping[str, Holder], now: datetime
    ) -> bool:
        """Take all keys of some filings, and the Idempotency-Keys of some repeats, or none of them."""
        claims = [claim for filing in filings for claim in claims_of(filing, now)]
        claims += [idempotency_claim(key, holder, now) for key, holder in repeats.items()]
        return await self._take(claims, now)

    async def _take(self, claims: Sequence[dict[str, Any]], now: datetime) -> bool:
        taken = await self._take_free(claims, now) if claims else []
        if len(taken) == len(claims):
            return True
        await self._free(taken, {claim["declaration_id"] for claim in claims})
        return False

    async def _take_free(self, claims: Sequence[dict[str, Any]], now: datetime) -> list[str]:
        """Take those keys that nobody holds. All are locked, in order."""
        once = {str(claim["key"]): claim for claim in claims}
        ordered = columns_of(taken_keys, _KEY, [once[key] for key in sorted(once)])
        return [key for (key,) in await fetch(self.connection, _TAKE, {**ordered, "now": now})]

    async def _free(self, keys: Sequence[str], declaration_ids: set[str]) -> None:
        if keys:
            await self.connection.execute(_FREE, {"keys": keys, "ids": sorted(declaration_ids)})

    async def holders(self, keys: Sequence[str], now: datetime) -> Mapping[str, Holder]:
        """Who holds these keys, each locked."""
        found = await self.connection.execute(_HOLDERS, {"keys": sorted(set(keys)), "now": now})
        return {
            key: Holder(declaration_id=declaration_id, content_hash=content_hash)
            for key, declaration_id, content_hash in found.all()
        }

    async def save_versions(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep filed versions."""
        await insert_rows(self.connection, declarations, rows)

    async def first_versions(self, declaration_ids: Sequence[str]) -> Mapping[str, tuple[str, datetime]]:
        """Lane and filing time of first versions, for the answer to a repeat."""
        ids = sa.text(
            """select declaration_id::text, summary, filed_at from declarations
               where declaration_id = any(cast(:ids as uuid[])) and version = 1"""
        )
        found = await self.connection.execute(ids, {"ids": list(declaration_ids)})
        return {row[0]: (read_summary(row[1]).lane, row[2]) for row in found.all()}

    async def save_outcomes(self, made: Sequence[Outcome]) -> None:
        """Keep what became of versions; the first word on each stands."""
        rows = [{name: getattr(each, name) for name in _OUTCOME} for each in made]
        key = ("declaration_id", "version", "outcome")
        await insert_missing(self.connection, outcomes, rows, key=key)

    async def free_keys(self, declaration_ids: Sequence[str]) -> None:
        """Give back all natural keys of declarations that ended without a permit."""
        found = await self.connection.execute(_NUMBERS, {"ids": list(declaration_ids)})
        keys = [key for numbers in found.all() for key in keys_of_row(*numbers)]
        await self._free(sorted(set(keys)), set(declaration_ids))

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take them out of the officers' queue."""
        await reviews.close_reviews(self.connection, declaration_ids)

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put work in the officers' queue."""
        await reviews.open_reviews(self.connection, opened)

    async def standing(self, declaration_id: str) -> Standing | None:
        """Where a declaration stands."""
        row = (await self.connection.execute(_STANDING, {"id": declaration_id})).one_or_none()
        if row is None:
            return None
        summary = read_summary(row[3])
        return Standing(
            version=row[0],
            platform=row[1],
            seller=summary.seller,
            declarant=summary.declarant,
            parties=tuple(row[2]),
            outcome=row[4],
            pending_request=row[5],
            content_hash=summary.content_hash,
            risk=summary.risk,
            requests=row[6],
        )

    async def take_request_key(self, key: str, claim: Holder, now: datetime) -> bool:
        """Take the Idempotency-Key of a request."""
        return await self._take([idempotency_claim(key, claim, now)], now)

    async def take_numbers(
        self, filing: Filing, declaration_id: str, now: datetime
    ) -> tuple[Sequence[str], Mapping[str, Holder]]:
        """Take what an amendment says and nobody holds. A filing that names one of these is no repeat: its answer
        would be that of a declaration which may never come to say what it says."""
        taken = await self._take_free(natural_claims(filing, declaration_id, now, NOT_FILED), now)
        rest = [key for key in filing.keys if key not in taken]
        return taken, await self.holders(rest, now) if rest else {}

    async def amendments(
        self, admitted: Sequence[AmendmentAdmitted | RequestRefused]
    ) -> Mapping[str, Amendment]:
        """The stored amendments, by request id."""
        asked = {
            "ids": [event.declaration_id for event in admitted],
            "requests": [event.request_id for event in admitted],
        }
        found = await self.connection.execute(_AMENDMENTS, asked)
        return {
            request_id: Amendment(
                event=_read_event.decode(event),
                kept=Kept(document=document, buyer_ending=ending, risk=risk),
                keys=tuple(keys),
            )
            for request_id, event, document, ending, risk, keys in found.all()
        }

    async def save_amended(self, admitted: Sequence[tuple[DeclarationSubmitted, Amendment]]) -> None:
        """Keep the new versions, whose repeats are repeats now; give back the keys that only the old ones needed."""
        ids = [event.declaration_id for event, _ in admitted]
        needed = {key for event, _ in admitted for key in keys_of_event(event)}
        found = await self.connection.execute(_NUMBERS, {"ids": ids})
        before = {key for numbers in found.all() for key in keys_of_row(*numbers)}
        await self._free(sorted(before - needed), set(ids))
        filed = [
            {"key": key, "declaration_id": event.declaration_id, "content_hash": event.content_hash}
            for event, _ in admitted
            for key in keys_of_event(event)
        ]
        await fetch(self.connection, _FILED, columns_of(taken_keys, list(filed[0]), filed))
        await self.save_versions([version_row(event, amendment.kept) for event, amendment in admitted])

    async def free_request_keys(self, refused: Sequence[RequestRefused]) -> None:
        """Give back the keys that refused amendments took."""
        found = await self.amendments(refused)
        keys = sorted({key for amendment in found.values() for key in amendment.keys})
        await self._free(keys, {event.declaration_id for event in refused})

    async def save_parties(self, registered: Sequence[PartyRegistered], now: datetime) -> None:
        """Keep parties as they stand now."""
        rows = [
            {
                "code": party.code,
                "name": party.name,
                "roles": list(party.roles),
                "active": party.active,
                "heard_at": now,
            }
            for party in registered
        ]
        await upsert_rows(self.connection, parties, rows, key=("code",))
