"""Growth: millions of stored declarations, by SQL.

Declarations that went all the way are copied with earlier ids and other keys into every table that keeps something
of each, in the order of their ids, as time would have done. Indexes are as large as they would be; of the documents
only a few bytes are kept, since the pages of old rows are not read again.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.local.stack import Stack

SERVICES = ("declaration", "tax", "quarantine", "logistics", "clearance")
SAMPLE, CHUNK = 1000, 100
"""Declarations that are copied; copies of each in one statement."""
APART = 170_000
"""Milliseconds between two copies of a declaration: ten million of them go back some twenty days."""
SHIFTED = ("subject_id", "declaration_id")
LEFT_OUT = ("body", "traceparent", "content_hash")
"""Text that no index holds."""
SUFFIXED = ("key", "order_no", "waybill_no", "buyer", "permit_no")
NOT_KEPT = ("waiting", "outbox", "timers", "reviews", "requests", "waiting_filings")
_COLUMNS = """select c.table_name, c.column_name, c.data_type
  from information_schema.columns c join pg_class on relname = c.table_name
  where c.table_schema = 'public' and not relispartition and relkind in ('r', 'p')
  order by c.table_name, c.ordinal_position"""
_SAMPLE = (
    "select declaration_id from outcomes where outcome = 'PERMITTED' order by declaration_id desc limit $1"
)


async def fill(stack: Stack, copies: range) -> None:
    """Store `SAMPLE` declarations more for each copy; copies are numbered from 1, each number once."""
    declaration = await asyncpg.connect(_inside(stack.admin_url, "declaration"))
    ids = [row[0] for row in await declaration.fetch(_SAMPLE, SAMPLE)]
    await declaration.close()
    await asyncio.gather(*[_fill_service(stack, service, ids, copies) for service in SERVICES])
    server = await asyncpg.connect(stack.admin_url)
    await server.execute("checkpoint")
    await server.close()


async def _fill_service(stack: Stack, service: str, ids: list[str], copies: range) -> None:
    connection = await asyncpg.connect(_inside(stack.admin_url, service))
    await connection.execute("set synchronous_commit = off")
    for table, columns in (await tables_of(connection)).items():
        await copy_table(connection, table, columns, ids, copies)
    await connection.execute("vacuum analyze")
    await connection.close()


async def stored(stack: Stack) -> int:
    """Declarations that are stored now."""
    connection = await asyncpg.connect(_inside(stack.admin_url, "declaration"))
    count = int(await connection.fetchval("select count(*) from declarations"))
    await connection.close()
    return count


async def tables_of(connection: asyncpg.Connection) -> dict[str, dict[str, str]]:
    """Tables that keep something of every declaration, with the types of their columns."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in await connection.fetch(_COLUMNS):
        found.setdefault(table, {})[column] = kind
    marks = {*SHIFTED, *SUFFIXED}
    return {
        table: columns for table, columns in found.items() if marks & columns.keys() and table not in NOT_KEPT
    }


async def copy_table(
    connection: asyncpg.Connection, table: str, columns: dict[str, str], ids: list[str], copies: range
) -> None:
    """Oldest first: ids rise as they would have risen."""
    key = next((name for name in SHIFTED if name in columns), None)
    await connection.execute(f"create temp table sampled as select * from {table} limit 0")
    wanted = f"where {key} = any($1::uuid[])" if key else f"where $1::uuid[] is not null limit {SAMPLE}"
    await connection.execute(f"insert into sampled select * from {table} {wanted}", ids)
    made = ", ".join(_made(name, kind) for name, kind in columns.items())
    insert = f"""insert into {table} ({", ".join(columns)}) select {made}
      from sampled cross join generate_series($2::int, $1::int, -1) copy"""
    for last in range(copies.stop - 1, copies.start - 1, -CHUNK):
        await connection.execute(insert, max(copies.start, last - CHUNK + 1), last)
    await connection.execute("drop table sampled")


def _made(name: str, kind: str) -> str:
    """A column of a copy."""
    if name in SHIFTED:
        hexed = f"replace({name}::text, '-', '')"
        moment = f"('x' || left({hexed}, 12))::bit(48)::bigint - copy * {APART}::bigint"
        return f"(lpad(to_hex({moment}), 12, '0') || substr({hexed}, 13))::uuid"
    if name in SUFFIXED:
        return f"{name} || '#' || copy"
    if name in LEFT_OUT and kind == "text":
        return f"'' as {name}"
    return f"'\\x7b7d'::bytea as {name}" if kind == "bytea" else name


def _inside(admin_url: str, database: str) -> str:
    at = urlsplit(admin_url)
    return urlunsplit((at.scheme, at.netloc, f"/{database}", at.query, ""))
