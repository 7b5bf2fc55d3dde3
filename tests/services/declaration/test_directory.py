"""Directory: who is known, up to a second ago, without reading all of them each second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.directory import Directory
from services.declaration.store import SqlDeclarations
from services.declaration.tables import parties
from shared.contracts.registry import PartyRegistered
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from tests.conftest import MakeDatabase
from tests.support.builders import NOW


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def engine(make_database: MakeDatabase) -> AsyncIterator[AsyncEngine]:
    database = await make_database("declaration")
    await migrate("declaration", database.owner_url)
    engine = open_engine(database.url, pool_size=2, name="test")
    yield engine
    await engine.dispose()


async def hear(engine: AsyncEngine, code: str, now: datetime, *, active: bool = True) -> None:
    party = PartyRegistered(code=code, name=code, roles=("seller",), active=active)
    async with engine.begin() as connection:
        await SqlDeclarations(connection).save_parties([party], now)


async def test_what_is_heard_is_known_a_second_later(engine: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    assert await directory.look(engine) == {}

    await hear(engine, "SELLER0001", NOW)
    assert (await directory.look(engine)).keys() == {"SELLER0001"}, "the first is known at once"
    await hear(engine, "SELLER0002", NOW)
    assert (await directory.look(engine)).keys() == {"SELLER0001"}
    clock.seconds = 1.5

    assert (await directory.look(engine)).keys() == {"SELLER0001", "SELLER0002"}


async def test_only_what_was_heard_since_is_read_again(engine: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    await hear(engine, "SELLER0001", NOW)
    await hear(engine, "SELLER0002", NOW + timedelta(hours=1))
    first = await directory.look(engine)
    async with engine.begin() as connection:
        await connection.execute(sa.delete(parties).where(parties.c.code == "SELLER0001"))

    await hear(engine, "SELLER0002", NOW + timedelta(hours=2), active=False)
    clock.seconds = 1.5
    then = await directory.look(engine)

    assert first["SELLER0002"].active
    assert not then["SELLER0002"].active
    assert then["SELLER0001"] is first["SELLER0001"], "what is older is not read again"


async def test_a_party_whose_transaction_took_long_is_not_missed(engine: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    await hear(engine, "SELLER0002", NOW)
    await directory.look(engine)

    await hear(engine, "SELLER0001", NOW - timedelta(seconds=40))
    clock.seconds = 1.5

    assert (await directory.look(engine)).keys() == {"SELLER0001", "SELLER0002"}


async def test_examiners_keep_the_parties_they_were_given(engine: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    await hear(engine, "SELLER0001", NOW)
    given = await directory.look(engine)

    await hear(engine, "SELLER0001", NOW + timedelta(seconds=5), active=False)
    clock.seconds = 1.5
    await directory.look(engine)

    assert given["SELLER0001"].active
