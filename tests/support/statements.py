"""Statements: what is asked of a database, seen before it runs.

By way of SQLAlchemy, straight to the driver, or by COPY.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def before_every_statement(engine: AsyncEngine, see: Callable[[str], None]) -> Iterator[None]:
    """Show each statement's text before it runs; what `see` raises is raised in its place."""
    copy, fetch = asyncpg.Connection.copy_records_to_table, asyncpg.Connection.fetch

    def by_sqlalchemy(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        see(text)

    async def by_copy(self: asyncpg.Connection, table: str, **options: Any) -> Any:
        see(f"copy into {table} from stdin")
        return await copy(self, table, **options)

    async def by_driver(self: asyncpg.Connection, text: str, *values: Any, **options: Any) -> Any:
        see(text)
        return await fetch(self, text, *values, **options)

    sa.event.listen(engine.sync_engine, "before_cursor_execute", by_sqlalchemy)
    asyncpg.Connection.copy_records_to_table = by_copy
    asyncpg.Connection.fetch = by_driver
    try:
        yield
    finally:
        sa.event.remove(engine.sync_engine, "before_cursor_execute", by_sqlalchemy)
        asyncpg.Connection.copy_records_to_table = copy
        asyncpg.Connection.fetch = fetch
