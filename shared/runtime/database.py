"""Database: the engine, and whole batches as one statement.

New rows go by COPY. Other batches go as one array a column through `unnest`: the statement's text does not depend on
the number of rows, so it is planned once, and a row costs 5-30 us instead of a round trip. What runs for every
batch goes straight to the driver (`fetch`): 40 us of the client's CPU, and 160 by way of SQLAlchemy's connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import asyncpg
import sqlalchemy as sa
from asyncpg.protocol import protocol
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import asyncpg as by_driver
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.runtime.arrays import Row, batch_statement, columns_of
from shared.runtime.failures import LINE_WENT, InDoubt, RowTaken

_DRIVEN = by_driver.dialect()  # type: ignore[no-untyped-call]
_SESSION = {
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "jit": "off",
    "enable_seqscan": "off",
    "max_parallel_workers_per_gather": "0",
}
"""Statements go by key on tables that only grow. A plan is kept, and one that was made while a table was nearly empty
would read all of it for every batch, for ever: measured, 10 us a head became 37 within 40,000 heads. None is worth
processes of its own: a page of a list, once the tables had been counted, began two, and took 7 ms instead of 1."""
ONE_PLAN = {"plan_cache_mode": "force_generic_plan"}
"""For who works by the batch: the same plan whatever keys are given. One for these very keys costs more to make than
it saves; and to join 400 of them with 30 partitions of 20,000 rows it read all of these, 56 ms instead of 1.4."""
_BY_ITSELF = "AUTOCOMMIT"
protocol.IterableABC = protocol.SizedABC = (list, tuple)
"""What the driver takes for an array. It asks that of every value of an array too, 90 ns each time by the abstract
classes that it has in these places, 23 by these: of some 35 values a declaration and service, 3 % of CPU in bulk."""


def open_engine(
    url: str, *, pool_size: int, name: str, patience: float = 15.0, session: Mapping[str, str] | None = None
) -> AsyncEngine:
    """An engine on a `postgresql://` address. Every wait is bounded: connect 3 s, pool 5 s, statement 10 s,
    and `patience` for a server that does not keep to that. `session` are settings beside the usual.

    A connection that has ended is not given out. It is known by its socket: asking the server each time, as the
    pool's own way has it, is three round trips a transaction.
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        connect_args={
            "timeout": 3,
            "command_timeout": patience,
            "server_settings": {**_SESSION, **(session or {}), "application_name": name},
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(connection: Any, *_: Any) -> None:
    """The pool then opens another.

    A BEGIN that failed leaves its mark, which only a private name shows: the driver makes what begins next a
    savepoint of that transaction, which nobody commits, and what was said to be kept goes with the connection.
    """
    driver: asyncpg.Connection = connection.driver_connection
    if driver.is_closed() or driver.is_in_transaction() or driver._top_xact is not None:
        raise DisconnectionError("the server has ended this connection, or its last work did not end")


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction of the driver's own: a third less of the client's CPU than `engine.begin()`.

    What runs inside is part of it, straight to the driver or by way of SQLAlchemy, which begins none of its own.
    """
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level=_BY_ITSELF)
        driver: asyncpg.Connection = _opened(connection).connection.driver_connection
        work = driver.transaction()
        await work.start()
        try:
            yield connection
        except BaseException:
            if not driver.is_closed():  # then it is undone already, and what was raised is the news
                await work.rollback()
            raise
        try:
            await work.commit()
        except LINE_WENT as error:
            raise InDoubt(f"while it was being kept: {error}") from error


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for reading, each statement by itself: a transaction would be two round trips more."""
    async with engine.connect() as connection:
        yield await connection.execution_options(isolation_level=_BY_ITSELF)


async def fetch(
    connection: AsyncConnection, statement: sa.TextClause, values: Row = MappingProxyType({})
) -> list[Any]:
    """The rows of a statement, by place or by name, in the transaction if there is one. Errors are the driver's."""
    text, names = _driven(statement)
    driver = await _driver_ready(connection)
    rows: list[Any] = await driver.fetch(text, *[values[name] for name in names])
    return rows


@cache
def _driven(statement: sa.TextClause) -> tuple[str, tuple[str, ...]]:
    """A statement as the driver takes it, and the names of its values in order."""
    made = statement.compile(dialect=_DRIVEN)
    return made.string, tuple(made.positiontup or ())


async def insert_rows(connection: AsyncConnection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert any number of rows that name the same columns; a conflict is an error.

    They name two columns or more. By COPY, which costs driver and database a third less than `unnest`; its errors are
    the driver's own.
    """
    if rows:
        names = tuple(rows[0])
        if len(names) == 1:
            raise ValueError(f"rows of {table.name} name one column: its text would be taken for a row")
        driver = await _driver_ready(connection)
        records = map(itemgetter(*names), rows)
        await driver.copy_records_to_table(table.name, records=records, columns=names)


async def insert_new(connection: AsyncConnection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows that were not there to be locked; raises `RowTaken` where another writer was first."""
    try:
        await insert_rows(connection, table, rows)
    except asyncpg.UniqueViolationError as error:
        raise RowTaken(str(error.detail)) from error


async def _driver_ready(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's connection, in a transaction if there is to be one: SQLAlchemy begins its own with a statement."""
    pooled = _opened(connection)
    driver: asyncpg.Connection = pooled.connection.driver_connection
    if not driver.is_in_transaction() and pooled.get_execution_options().get("isolation_level") != _BY_ITSELF:
        await connection.execute(sa.text("select 1"))
    return driver


def _opened(connection: AsyncConnection) -> sa.Connection:
    pooled = connection.sync_connection
    if pooled is None:
        raise ValueError("this connection was not opened")
    return pooled


async def insert_missing(
    connection: AsyncConnection, table: sa.Table, rows: Sequence[Row], *, key: Sequence[str]
) -> None:
    """Insert the rows whose key is not there yet, in the order given."""
    await _run(connection, table, rows, tuple(key), "missing")


async def upsert_rows(
    connection: AsyncConnection, table: sa.Table, rows: Sequence[Row], *, key: Sequence[str]
) -> None:
    """Insert rows, or replace the other named columns where the key is there already."""
    await _run(connection, table, rows, tuple(key), "upsert")


async def update_rows(
    connection: AsyncConnection, table: sa.Table, rows: Sequence[Row], *, key: Sequence[str]
) -> None:
    """Set the other named columns of the rows that the key finds."""
    await _run(connection, table, rows, tuple(key), "update")


async def delete_rows(
    connection: AsyncConnection, table: sa.Table, rows: Sequence[Row], *, key: Sequence[str]
) -> None:
    """Delete the rows that the key finds."""
    await _run(connection, table, rows, tuple(key), "delete")


async def _run(
    connection: AsyncConnection, table: sa.Table, rows: Sequence[Row], key: tuple[str, ...], kind: str
) -> None:
    if not rows:
        return
    names = key if kind == "delete" else tuple(rows[0])
    await fetch(connection, batch_statement(table, names, key, kind), columns_of(table, names, rows))
