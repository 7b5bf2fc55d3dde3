"""A toy room: hears declarations, keeps a balance, says one fact each; and can be told to fail.

Small enough to see what the runtime does: an order number POISON breaks its handler, LATE sets a deadline.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts import codec
from shared.contracts.clearance import DeclarationCancelled
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import AnyEvent
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.topics import NAMES, source_of
from shared.kernel.gate import Gate
from shared.kernel.ids import BuyerToken, DeclarationId
from shared.kernel.review import Review, ReviewDecided
from shared.runtime import tables
from shared.runtime.bus import Message
from shared.runtime.database import open_engine, upsert_rows
from shared.runtime.deadlines import Deadline, set_deadlines
from shared.runtime.reviews import open_reviews
from shared.runtime.unit_of_work import Handler, UnitOfWork
from tests.conftest import MakeDatabase
from tests.support.builders import PARTIES, a_declaration_id, a_declaration_submitted

POISON, LATE, REVIEW = "POISON", "LATE", "REVIEW"
balances = sa.Table(
    "balances", tables.METADATA, sa.Column("buyer", sa.Text, primary_key=True), sa.Column("sum", sa.Integer)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A deadline of the toy."""

    declaration_id: str
    version: int


class SqlToy:
    """The toy's store: one balance a buyer."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def add(self, buyer: str, amount: int) -> None:
        """Read, then write, under a lock."""
        await self.connection.execute(
            sa.text("insert into balances values (:buyer, 0) on conflict do nothing"), {"buyer": buyer}
        )
        locked = sa.text("select sum from balances where buyer = :buyer for update")
        total = (await self.connection.execute(locked, {"buyer": buyer})).scalar_one()
        await upsert_rows(
            self.connection, balances, [{"buyer": buyer, "sum": total + amount}], key=("buyer",)
        )


async def on_declarations_submitted(
    batch: Sequence[DeclarationSubmitted], store: SqlToy, now: datetime
) -> list[AnyEvent]:
    """One to the buyer's balance for each, one fact for each."""
    for declaration in batch:
        if declaration.order_no == POISON:
            raise ValueError("this rule has a bug")
    for declaration in batch:
        await store.add(declaration.buyer, 1)
    late = [declaration for declaration in batch if declaration.order_no == LATE]
    await set_deadlines(
        store.connection,
        [
            Deadline(due_at=now, command=Lapse(declaration_id=it.declaration_id, version=it.version))
            for it in late
        ],
    )
    await open_reviews(store.connection, [_review(it, now) for it in batch if it.order_no == REVIEW])
    return [said(declaration) for declaration in batch]


async def on_declarations_cancelled(
    batch: Sequence[DeclarationCancelled], store: SqlToy, _now: datetime
) -> list[AnyEvent]:
    """Nothing to say."""
    return []


async def on_lapsed(batch: Sequence[Lapse], store: SqlToy, _now: datetime) -> list[AnyEvent]:
    """Ten to the balance of the late."""
    await store.add("late", 10 * len(batch))
    return [_triaged(it.declaration_id, it.version, "LAPSED") for it in batch]


async def on_reviews_decided(batch: Sequence[ReviewDecided], store: SqlToy, _now: datetime) -> list[AnyEvent]:
    """The officer's word as a fact."""
    return [_triaged(it.declaration_id, it.review.version, it.order.verdict) for it in batch]


SUBSCRIPTIONS: dict[type[AnyEvent], Handler] = {
    DeclarationSubmitted: on_declarations_submitted,
    DeclarationCancelled: on_declarations_cancelled,
}
DEADLINES = {Lapse: on_lapsed}


def said(declaration: DeclarationSubmitted) -> QuarantineTriaged:
    """What the toy says of a declaration."""
    return _triaged(declaration.declaration_id, declaration.version, declaration.order_no)


def _triaged(declaration_id: str, version: int, code: str) -> QuarantineTriaged:
    gate = Gate(agency="quarantine", status="PASSED", code=code)
    return QuarantineTriaged(
        declaration_id=DeclarationId(declaration_id),
        version=version,
        parties=PARTIES,
        gate=gate,
    )


def _review(declaration: DeclarationSubmitted, now: datetime) -> Review:
    return Review(
        declaration_id=declaration.declaration_id,
        version=declaration.version,
        code="INSPECTION",
        reason="the toy wants to look",
        parties=PARTIES,
        opened_at=now,
        due_at=now,
    )


def a_filing(
    number: int = 1, *, version: int = 1, order_no: str = "ORDER", buyer: str = "b"
) -> DeclarationSubmitted:
    """The submission of declaration `number`."""
    return replace(
        a_declaration_submitted(),
        declaration_id=a_declaration_id(number),
        version=version,
        order_no=order_no,
        buyer=BuyerToken(buyer),
    )


def a_cancellation(number: int = 1) -> DeclarationCancelled:
    """The end of declaration `number`."""
    return DeclarationCancelled(
        declaration_id=a_declaration_id(number),
        version=1,
        parties=PARTIES,
        request_id="r",
        reason="changed my mind",
    )


def a_message(event: AnyEvent, seq: int = 1, *, body: bytes | None = None) -> Message:
    """An event as it comes from its source, the seq-th of its declaration."""
    return Message(
        subject=event.subject,
        source=source_of(type(event)),
        seq=seq,
        type=NAMES[type(event)],
        body=codec.encode(event) if body is None else body,
        partition=3,
        place=f"test/3/{seq}",
    )


@asynccontextmanager
async def toy_work(make_database: MakeDatabase) -> AsyncIterator[UnitOfWork]:
    """The toy's unit of work on an empty database."""
    database = await make_database("toy")
    owner = open_engine(database.owner_url, pool_size=1, name="toy-owner")
    async with owner.begin() as connection:
        await connection.run_sync(tables.METADATA.create_all)
    await owner.dispose()
    engine = open_engine(database.url, pool_size=4, name="toy")
    yield UnitOfWork(service="quarantine", engine=engine, store=SqlToy, subscriptions=SUBSCRIPTIONS)
    await engine.dispose()


async def rows(engine: AsyncEngine, query: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    async with engine.connect() as connection:
        return [tuple(row) for row in (await connection.execute(sa.text(query))).all()]
