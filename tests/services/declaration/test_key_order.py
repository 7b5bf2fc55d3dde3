"""Key order: all keys are locked in one order, so that nobody waits for one who waits for him."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.filing import Filing
from services.declaration.settlement import Holder
from services.declaration.store import SqlDeclarations
from shared.kernel.refusal import Refusal
from shared.runtime.database import reading
from tests.flows.patience import until
from tests.services.declaration.filings import TWO, a_filing, amend, filed
from tests.support.builders import NOW
from tests.support.memory_declaration import MemoryDeclarations

_WAITING = sa.text(
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


class Noting(MemoryDeclarations):
    """Notes which keys it is asked to take, and of which it is asked who holds them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, set[str]]] = []

    async def take_keys(
        self, filings: Sequence[Filing], repeats: Mapping[str, Holder], now: datetime
    ) -> bool:
        named = {key for filing in filings for key in (*filing.keys, filing.idempotency) if key}
        self.asked.append(("take", named | repeats.keys()))
        return await super().take_keys(filings, repeats, now)

    async def holders(self, keys: Sequence[str], now: datetime) -> Mapping[str, Holder]:
        self.asked.append(("look", set(keys)))
        return await super().holders(keys, now)


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "a")])
async def test_a_batch_that_meets_itself_takes_every_key_before_it_looks_who_holds_one(
    keys: tuple[str, str],
) -> None:
    store = Noting()
    repeats = [a_filing(key=key) for key in keys]

    await filed(store, *repeats)

    names = {*repeats[0].keys, *(f"idem|agent|{key}" for key in keys)}
    assert store.asked[:2] == [("take", names), ("look", names)]


async def test_an_amendment_to_a_number_that_another_is_just_filing_waits_and_is_told_whose_it_is(
    strangers: AsyncEngine,
) -> None:
    async with strangers.begin() as connection:
        await filed(SqlDeclarations(connection), a_filing())
    wanted = a_filing(2, TWO)

    async def amended() -> list[Any]:
        async with strangers.begin() as connection:
            return await amend(SqlDeclarations(connection), wanted)

    async def waiting() -> int:
        async with reading(strangers) as connection:
            return int((await connection.execute(_WAITING)).scalar_one())

    async with strangers.begin() as connection:
        await filed(SqlDeclarations(connection), wanted)
        amending = asyncio.create_task(amended())
        await until(waiting)

    with pytest.raises(Refusal) as told:
        await amending
    assert (told.value.code, told.value.extra["first_declaration_id"]) == ("E-DUP-CONFLICT", TWO)
    async with strangers.begin() as connection:
        held = await SqlDeclarations(connection).holders(wanted.keys, NOW)
    assert {holder.declaration_id for holder in held.values()} == {TWO}
