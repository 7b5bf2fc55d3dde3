"""Clearance store: cases, declared content, tally.

The case is one row: written once for all first words that come together, and again at every word after. What a
version declares is written once, and its permit takes it from there unless it was written in the same transaction.
The tally's rows are touched last and in key order, each connection on rows of its own slot: batches seldom wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.clearance.domain import Case, review_of
from services.clearance.permit import Draft, lines_of
from services.clearance.returns import Return
from services.clearance.tally import tally_change
from shared.kernel.returning import Declared
from shared.runtime.database import fetch, insert_rows, update_rows, upsert_rows
from shared.runtime.heads import transaction_time
from shared.runtime.reviews import close_reviews, open_reviews

METADATA = sa.MetaData()
cases = sa.Table(
    "cases",
    METADATA,
    sa.Column("declaration_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("permit_no", sa.Text),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
declared_texts = sa.Table(
    "declared_texts",
    METADATA,
    sa.Column("declaration_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
returns = sa.Table(
    "returns",
    METADATA,
    sa.Column("declaration_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("request_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
tallies = sa.Table(
    "tallies",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)
permit_numbers = sa.Sequence("permit_numbers", metadata=METADATA)
by_permit_no = sa.Index("cases_permit_no", cases.c.permit_no, postgresql_where=cases.c.permit_no.is_not(None))

_READ = sa.text("select body from cases where declaration_id = any(cast(:ids as uuid[]))")
_BY_PERMIT = sa.text("select body from cases where permit_no = :permit_no")
_DECLARED = sa.text(
    "select body from declared_texts where declaration_id = cast(:id as uuid) and version = :version"
)
_DECLARED_ALL = sa.text(
    """select kept.declaration_id::text, kept.body
       from unnest(cast(:ids as uuid[]), cast(:versions as integer[])) as given (declaration_id, version)
       join declared_texts kept using (declaration_id, version)"""
)
_RETURNS = sa.text(
    """select body from returns where declaration_id = any(cast(:ids as uuid[]))
       order by declaration_id, request_id"""
)
_NUMBERS = sa.text("select nextval('permit_numbers') from generate_series(1, cast(:count as integer))")
_COUNT = sa.text(
    """insert into tallies (name, slot, n)
       select name, pg_backend_pid() % 16, n
       from unnest(cast(:names as text[]), cast(:changes as bigint[])) as given (name, n) order by name
       on conflict (name, slot) do update set n = tallies.n + excluded.n"""
)
_MOVE_ON = sa.text(
    "select setval('permit_numbers', greatest(nextval('permit_numbers'), cast(:least as bigint)), false)"
)
_TALLY = sa.text("select name, sum(n)::bigint from tallies group by name having sum(n) <> 0 order by name")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Case).decode
_read_return = msgspec.json.Decoder(Return).decode


class SqlCaseBook:
    """The cases of one transaction; `current_key` tells which key signs the permits issued in it.

    A poll often brings several words on one case: it is read once, in `look_ahead`, and written once, in `flush`.
    """

    def __init__(self, connection: AsyncConnection, current_key: Callable[[], str] = str) -> None:
        self.connection = connection
        self._current_key = current_key
        self._found: dict[str, Case] = {}
        """As they stood at first; those without a row are fresh."""
        self._standing: dict[str, Case] = {}
        self._kept: set[str] = set()
        """Those that have a row."""
        self._texts: dict[tuple[str, int], bytes] = {}
        """What versions declare that this transaction has kept: their permits need not read it back."""

    async def look_ahead(self, declaration_ids: Iterable[str]) -> None:
        """Read in one statement those cases of a whole poll, or of some, that are not read yet."""
        unread = [key for key in declaration_ids if key not in self._standing]
        if unread:
            rows = await fetch(self.connection, _READ, {"ids": unread})
            kept = {case.declaration_id: case for case in (_decode(row[0]) for row in rows)}
            self._kept |= kept.keys()
            for key in unread:
                self._found[key] = self._standing[key] = kept.get(key) or Case(declaration_id=key)

    async def read(self, declaration_ids: Sequence[str]) -> dict[str, Case]:
        """A case for every id: as it stands, or a fresh one. Their heads are locked already."""
        await self.look_ahead(declaration_ids)
        return {key: self._standing[key] for key in declaration_ids}

    async def keep_declared(self, texts: Mapping[tuple[str, int], bytes]) -> None:
        """Keep what versions declare, by declaration and version."""
        rows = [
            {"declaration_id": declaration_id, "version": version, "body": text}
            for (declaration_id, version), text in texts.items()
        ]
        await insert_rows(self.connection, declared_texts, rows)
        self._texts |= texts

    async def draft(self, ready: Sequence[Case]) -> dict[str, Draft]:
        """What the permits of these cases need; takes a running number for each."""
        if not ready:
            return {}
        texts = await self._texts_of(ready)
        numbers = await fetch(self.connection, _NUMBERS, {"count": len(ready)})
        signing = self._current_key()
        return {
            case.declaration_id: Draft(running_no=no, key_id=signing, declared=texts[case.declaration_id])
            for case, (no,) in zip(ready, numbers, strict=True)
        }

    async def save(self, _before: Mapping[str, Case], after: Mapping[str, Case]) -> None:
        """Note how the cases stand now."""
        self._standing |= after

    async def flush(self) -> None:
        """Store the cases that changed, their reviews, and how the tally moves: last in the transaction."""
        changed = [case for key, case in self._standing.items() if case is not self._found[key]]
        fresh = [row_of(case) for case in changed if case.declaration_id not in self._kept]
        known = [row_of(case) for case in changed if case.declaration_id in self._kept]
        await insert_rows(self.connection, cases, fresh)
        await update_rows(self.connection, cases, known, key=("declaration_id",))
        await self._queue(self._found, changed)
        await self._count(tally_change((self._found[case.declaration_id], case) for case in changed))
        self.forget()

    def forget(self) -> None:
        """Read anew from here on."""
        for gathered in (self._found, self._standing, self._kept):
            gathered.clear()

    async def _queue(self, before: Mapping[str, Case], changed: Sequence[Case]) -> None:
        """Open and close the officers' reviews of own holds; one that stands is left to who has claimed it."""
        moved = {
            case.declaration_id: review
            for case in changed
            if (review := review_of(case)) != review_of(before[case.declaration_id])
        }
        await open_reviews(self.connection, [review for review in moved.values() if review])
        await close_reviews(self.connection, [key for key, review in moved.items() if not review])

    async def _count(self, change: Mapping[str, int]) -> None:
        if change:
            given = {"names": list(change), "changes": list(change.values())}
            await fetch(self.connection, _COUNT, given)

    async def _texts_of(self, asked: Sequence[Case]) -> dict[str, bytes]:
        """What the running versions of cases declare, by declaration."""
        running = {case.declaration_id: case.version for case in asked}
        at_hand = {key: self._texts[key, no] for key, no in running.items() if (key, no) in self._texts}
        others = {key: no for key, no in running.items() if key not in at_hand}
        if not others:
            return at_hand
        given = {"ids": list(others), "versions": list(others.values())}
        return at_hand | dict(await fetch(self.connection, _DECLARED_ALL, given))

    # --- returns: read and written only when somebody returns something ---

    async def declared_lines(self, released: Sequence[Case]) -> dict[str, dict[int, Declared]]:
        """The lines that the running versions of cases declare, by declaration and number."""
        return {key: lines_of(text) for key, text in (await self._texts_of(released)).items()}

    async def returns_of(self, declaration_ids: Sequence[str]) -> dict[str, list[Return]]:
        """The returns admitted of declarations, in the order of their ids."""
        found: dict[str, list[Return]] = {}
        bodies = await self.connection.execute(_RETURNS, {"ids": list(declaration_ids)})
        for each in map(_read_return, bodies.scalars()):
            found.setdefault(each.declaration_id, []).append(each)
        return found

    async def save_returns(self, changed: Sequence[Return]) -> None:
        """Store returns, new or in their new state."""
        rows = [
            {
                "declaration_id": each.declaration_id,
                "request_id": each.request_id,
                "status": each.status,
                "body": _encode(each),
            }
            for each in changed
        ]
        await upsert_rows(self.connection, returns, rows, key=("declaration_id", "request_id"))

    async def now(self) -> datetime:
        """The moment of this transaction."""
        return await transaction_time(self.connection)

    async def by_permit(self, permit_no: str) -> Case | None:
        """The case that has a permit of this number."""
        body = (await self.connection.execute(_BY_PERMIT, {"permit_no": permit_no})).scalar_one_or_none()
        return None if body is None else _decode(body)

    async def declared(self, case: Case) -> bytes:
        """What the running version declares, as its permit covers it."""
        given = {"id": case.declaration_id, "version": case.version}
        body: bytes = (await self.connection.execute(_DECLARED, given)).scalar_one()
        return body

    async def tally(self) -> dict[str, int]:
        """How many cases stand where."""
        return dict((await self.connection.execute(_TALLY)).all())


def row_of(case: Case) -> dict[str, object]:
    """A case as a row of its table."""
    permit_no = case.permit.permit_no if case.permit else None
    return {
        "declaration_id": case.declaration_id,
        "status": case.status,
        "permit_no": permit_no,
        "body": _encode(case),
    }


async def next_permit_number(connection: AsyncConnection, least: int) -> int:
    """Let the next permit's running number be at least this; what it will be. For the owner of the sequence."""
    found: int = (await connection.execute(_MOVE_ON, {"least": least})).scalar_one()
    return found
