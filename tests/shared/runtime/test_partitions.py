"""Partitions: the months ahead are laid when a service starts, whatever the default partition holds."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.kernel.ids import uuid7_at
from shared.runtime.heads import Head, lock_heads, save_heads
from shared.runtime.partitions import lay_partitions

LATER = datetime(2099, 5, 20, tzinfo=UTC)
"""Long after the months that were laid."""


async def keep_a_head(owner: AsyncEngine, moment: datetime) -> str:
    subject = uuid7_at(moment, bytes(10))
    async with owner.begin() as connection:
        await save_heads(connection, [Head(subject)])
    return subject


async def lay(owner: AsyncEngine, now: datetime) -> set[str]:
    async with owner.begin() as connection:
        return set(await lay_partitions(connection, now))


async def test_a_month_that_has_begun_in_the_default_partition_stays_there(owner: AsyncEngine) -> None:
    subject = await keep_a_head(owner, LATER)

    laid = await lay(owner, LATER)

    assert laid >= {"facts_2099_05", "heads_2099_06", "heads_2099_07", "heads_2099_08"}
    assert "heads_2099_05" not in laid
    assert await lay(owner, LATER) == set()
    async with owner.begin() as connection:
        assert not (await lock_heads(connection, [subject]))[subject].is_new


async def test_rows_of_a_month_that_is_laid_leave_with_it(owner: AsyncEngine) -> None:
    await lay(owner, LATER)
    await keep_a_head(owner, LATER)

    async with owner.begin() as connection:
        lie = await connection.execute(
            sa.text("select tableoid::regclass::text, count(*) from heads group by 1")
        )
        assert lie.all() == [("heads_2099_05", 1)]
