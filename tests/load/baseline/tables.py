"""Baseline's tables: ORM classes, one registry for all services; each database holds those of its service."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

POOL = 16
Money = sa.Numeric(19, 5)
Id = sa.Uuid(as_uuid=False)


class Table(DeclarativeBase):
    """What all tables are made from."""


class Declaration(Table):
    """declaration: a filing, and what became of it."""

    __tablename__ = "declarations"
    declaration_id: Mapped[str] = mapped_column(Id, primary_key=True)
    order_key: Mapped[str] = mapped_column(sa.Text, unique=True)
    waybill_key: Mapped[str] = mapped_column(sa.Text, unique=True)
    content_hash: Mapped[str] = mapped_column(sa.Text)
    filed_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    document: Mapped[bytes]


class Outcome(Table):
    """declaration: what clearance said."""

    __tablename__ = "outcomes"
    declaration_id: Mapped[str] = mapped_column(Id, primary_key=True)
    outcome: Mapped[str] = mapped_column(sa.Text)
    permit_no: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class AccountRow(Table):
    """tax: a guarantor's account."""

    __tablename__ = "accounts"
    party: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    balance: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    due: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))


class QuotaRow(Table):
    """tax: a buyer's year."""

    __tablename__ = "quotas"
    buyer: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    reserved: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    used: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))


class HoldingRow(Table):
    """tax: an assessed version, and what it holds."""

    __tablename__ = "holdings"
    declaration_id: Mapped[str] = mapped_column(Id, primary_key=True)
    status: Mapped[str] = mapped_column(sa.Text)
    holding: Mapped[bytes]
    assessed: Mapped[bytes]


class TriageRow(Table):
    """quarantine: what the rules said."""

    __tablename__ = "triages"
    declaration_id: Mapped[str] = mapped_column(Id, primary_key=True)
    status: Mapped[str] = mapped_column(sa.Text)
    gate: Mapped[bytes]


class WaybillRow(Table):
    """logistics: a number in use."""

    __tablename__ = "waybills"
    carrier: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    waybill_no: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    declaration_id: Mapped[str | None] = mapped_column(Id)
    taken_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class BookingRow(Table):
    """logistics: a booking."""

    __tablename__ = "bookings"
    declaration_id: Mapped[str] = mapped_column(Id, primary_key=True)
    booking: Mapped[bytes]
    permit_no: Mapped[str] = mapped_column(sa.Text, default="")


class CaseRow(Table):
    """clearance: a case with its words; what was declared, for the permit's hash."""

    __tablename__ = "cases"
    declaration_id: Mapped[str] = mapped_column(Id, primary_key=True)
    status: Mapped[str] = mapped_column(sa.Text, default="OPEN")
    body: Mapped[bytes | None]
    declared: Mapped[bytes | None]


class PermitRow(Table):
    """clearance: a permit. Counting these is counting permits."""

    __tablename__ = "permits"
    permit_no: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    declaration_id: Mapped[str] = mapped_column(Id, unique=True)
    issued_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    covers_sha256: Mapped[str] = mapped_column(sa.Text)


PERMIT_NUMBERS = sa.Sequence("permit_numbers", metadata=Table.metadata)
TABLES: dict[str, tuple[type[Table], ...]] = {
    "declaration": (Declaration, Outcome),
    "tax": (AccountRow, QuotaRow, HoldingRow),
    "quarantine": (TriageRow,),
    "logistics": (WaybillRow, BookingRow),
    "clearance": (CaseRow, PermitRow),
}

Sessions = async_sessionmaker[AsyncSession]


async def open_sessions(url: str, service: str) -> Sessions:
    """The database of a service, its tables made."""
    engine = create_async_engine(url, pool_size=POOL, max_overflow=0)
    async with engine.begin() as connection:
        for table in TABLES[service]:
            await connection.run_sync(table.__table__.create, checkfirst=True)  # type: ignore[attr-defined]
        if service == "clearance":
            await connection.run_sync(PERMIT_NUMBERS.create, checkfirst=True)
    return async_sessionmaker(engine, expire_on_commit=False)


async def put_missing(session: AsyncSession, table: type[Table], rows: list[dict[str, object]]) -> None:
    """Insert what is not there yet, so that it can be locked."""
    if rows:
        await session.execute(insert(table).on_conflict_do_nothing(), rows)
