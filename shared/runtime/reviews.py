"""Reviews: the officers' queue of a service.

One open review a declaration; the rules of claim and decision are pure (`shared.kernel.review`), here are their
rows. A decision runs under the head, so a version that is superseded or over is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.envelope import AnyEvent
from shared.kernel import review as rules
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review
from shared.runtime.database import fetch, update_rows, upsert_rows
from shared.runtime.heads import transaction_time
from shared.runtime.tables import reviews
from shared.runtime.unit_of_work import Handler

_FIELDS = list(reviews.columns)
_NAMES = [column.name for column in reviews.columns]
_BEFORE_ITS_LEASES = sa.text("select (pg_current_xact_id()::text::bigint % 1000000000)::integer")
"""The number of the transaction. Every claim is a transaction too and counts on by one: so no lease of what was open
before has the number of a lease of what is opened now."""
_CLOSE = sa.text("delete from reviews where declaration_id = any(cast(:ids as uuid[]))")


async def open_reviews(connection: AsyncConnection, opened: Sequence[Review]) -> None:
    """Put work in the queue; a newer version's review replaces the older one of its declaration."""
    if opened:
        before: int = (await fetch(connection, _BEFORE_ITS_LEASES))[0][0]
        rows = [{**_row(review), "lease_no": before} for review in opened]
        await upsert_rows(connection, reviews, rows, key=("declaration_id",))


async def close_reviews(connection: AsyncConnection, declaration_ids: Iterable[str]) -> None:
    """Take declarations out of the queue."""
    ids = list(declaration_ids)
    if ids:
        await fetch(connection, _CLOSE, {"ids": ids})


async def read_review(connection: AsyncConnection, declaration_id: str) -> Review | None:
    """The open review of a declaration."""
    found = await connection.execute(sa.select(*_FIELDS).where(reviews.c.declaration_id == declaration_id))
    row = found.mappings().one_or_none()
    return _review(row) if row else None


async def list_reviews(
    connection: AsyncConnection, *, after: tuple[datetime, str] | None, limit: int, code: str | None
) -> list[Review]:
    """A page of the queue, most urgent first, after a place in it."""
    asked = sa.select(*_FIELDS).order_by(reviews.c.due_at, reviews.c.declaration_id).limit(limit)
    if code:
        asked = asked.where(reviews.c.code == code)
    if after:
        asked = asked.where(sa.tuple_(reviews.c.due_at, reviews.c.declaration_id) > sa.tuple_(*after))
    return [_review(row) for row in (await connection.execute(asked)).mappings().all()]


async def claim_review(connection: AsyncConnection, declaration_id: str, officer: str) -> Review:
    """Claim an item for a lease. 404 when nothing is open, 409 while another officer's lease runs."""
    locked = sa.select(*_FIELDS).where(reviews.c.declaration_id == declaration_id).with_for_update()
    row = (await connection.execute(locked)).mappings().one_or_none()
    if row is None:
        raise Refusal(
            "E-NOT-FOUND", "no open review of this declaration", status=404, fix="list the queue again"
        )
    claimed = rules.claim(_review(row), officer, await transaction_time(connection))
    await update_rows(connection, reviews, [_row(claimed)], key=("declaration_id",))
    return claimed


class Queue(Protocol):
    """What a decision asks of the officers' queue."""

    async def read_review(self, connection: Any, declaration_id: str) -> Review | None:
        """The open review of a declaration."""

    async def close_reviews(self, connection: Any, declaration_ids: Iterable[str]) -> None:
        """Take declarations out of the queue."""


class SqlQueue:
    """Keeps the promise of `Queue` in PostgreSQL."""

    read_review = staticmethod(read_review)
    close_reviews = staticmethod(close_reviews)


SQL_QUEUE = SqlQueue()


def deciding(handler: Handler, queue: Queue = SQL_QUEUE) -> Handler:
    """The command handler of a decision: checks the lease, closes the review, lets the room say its event."""

    async def on_reviews_decided(orders: Sequence[DecideReview], store: Any, now: datetime) -> list[AnyEvent]:
        connection = store.connection
        decided = []
        for order in orders:
            review = await queue.read_review(connection, order.declaration_id)
            decided.append(rules.decide(review, order, now))
        await queue.close_reviews(connection, (order.declaration_id for order in orders))
        made: list[AnyEvent] = await handler(decided, store, now)
        return made

    return on_reviews_decided


def _row(review: Review) -> dict[str, Any]:
    return {name: getattr(review, name) for name in _NAMES}


def _review(row: Any) -> Review:
    return Review(**{**row, "parties": tuple(row["parties"])})
