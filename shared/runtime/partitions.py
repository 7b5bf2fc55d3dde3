"""Partitions: the months ahead, laid by the owner role when a service starts.

A month's partition is made before its first row comes; what is left in the default partition stays there.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

MONTHS_AHEAD = 3

_PARENTS = sa.text(
    """select parent.relname, coalesce(array_to_string(rest.reloptions, ', '), '')
       from pg_class parent
       join pg_namespace space on space.oid = parent.relnamespace and space.nspname = 'public'
       join pg_class rest on rest.relname = parent.relname || '_rest'
       where parent.relkind = 'p' order by 1"""
)


async def lay_partitions(connection: AsyncConnection, now: datetime) -> list[str]:
    """Make the partitions of this month and the next ones that are not there; returns their names."""
    made = []
    for table, options in (await connection.execute(_PARENTS)).all():
        for first in months_from(now, MONTHS_AHEAD):
            name = f"{table}_{first:%Y_%m}"
            if not await _exists(connection, name):
                await connection.execute(sa.text(_create(table, name, first, options)))
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


def _create(table: str, name: str, first: datetime, options: str) -> str:
    following = months_from(first, 1)[1]
    bounds = f"from ('{lowest_uuid7(first)}') to ('{lowest_uuid7(following)}')"
    storage = f" with ({options})" if options else ""
    return f"create table {name} partition of {table} for values {bounds}{storage}"


async def _exists(connection: AsyncConnection, name: str) -> bool:
    found = await connection.execute(sa.text("select to_regclass(:name) is not null"), {"name": name})
    return bool(found.scalar_one())
