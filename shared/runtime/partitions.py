"""Partitions: the months ahead, laid by the owner role when a service starts.

A month's partition is made before its first row comes. What has come into the default partition stays there, and with
it the whole of its month: the database takes no partition for rows that lie elsewhere.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.runtime.telemetry import log

MONTHS_AHEAD = 3

_PARENTS = sa.text(
    """select parent.relname, coalesce(array_to_string(rest.reloptions, ', '), ''), key.attname
       from pg_class parent
       join pg_namespace space on space.oid = parent.relnamespace and space.nspname = 'public'
       join pg_class rest on rest.relname = parent.relname || '_rest'
       join pg_partitioned_table cut on cut.partrelid = parent.oid
       join pg_attribute key on key.attrelid = parent.oid and key.attnum = cut.partattrs[0]
       where parent.relkind = 'p' order by 1"""
)


class Month(NamedTuple):
    """The ids of one month, UTC: from the lowest to the one that is too high."""

    name: str
    lowest: str
    following: str

    @classmethod
    def of(cls, first: datetime) -> Month:
        """The month that begins at a moment."""
        return cls(f"{first:%Y_%m}", lowest_uuid7(first), lowest_uuid7(months_from(first, 1)[1]))


async def lay_partitions(connection: AsyncConnection, now: datetime) -> list[str]:
    """Make the partitions of this month and the next ones that are not there; returns their names."""
    made = []
    for table, options, key in (await connection.execute(_PARENTS)).all():
        for month in map(Month.of, months_from(now, MONTHS_AHEAD)):
            name = f"{table}_{month.name}"
            if await _exists(connection, name):
                continue
            if await _has_begun(connection, f"{table}_rest", key, month):
                log("partitions").warning("rows of this month lie in the default partition", table=name)
                continue
            await connection.execute(sa.text(_create(table, name, month, options)))
            made.append(name)
    return made


def months_from(now: datetime, count: int) -> list[datetime]:
    """The first moments of this month and the following ones, UTC."""
    months = [now.year * 12 + now.month - 1 + step for step in range(count + 1)]
    return [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months]


def lowest_uuid7(moment: datetime) -> str:
    """The lowest UUIDv7 of a moment: the bound of a partition."""
    unix_ms = int(moment.timestamp() * 1000)
    return f"{unix_ms >> 16:08x}-{unix_ms & 0xFFFF:04x}-0000-0000-000000000000"


def _create(table: str, name: str, month: Month, options: str) -> str:
    storage = f" with ({options})" if options else ""
    bounds = f"from ('{month.lowest}') to ('{month.following}')"
    return f"create table {name} partition of {table} for values {bounds}{storage}"


async def _has_begun(connection: AsyncConnection, rest: str, key: str, month: Month) -> bool:
    """Whether rows of a month lie in the default partition already: the service ran on past what was laid, or a
    party's id (UUIDv5: random) happens to lie there."""
    asked = (
        f"select exists (select from {rest} where {key} >= '{month.lowest}' and {key} < '{month.following}')"
    )
    return bool((await connection.execute(sa.text(asked))).scalar_one())


async def _exists(connection: AsyncConnection, name: str) -> bool:
    found = await connection.execute(sa.text("select to_regclass(:name) is not null"), {"name": name})
    return bool(found.scalar_one())
