"""Directory: who is known, up to a second ago, without reading all of them each second."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.directory import Directory
from services.declaration.store import SqlDeclarations
from services.declaration.tables import parties
from shared.contracts.registry import PartyRegistered
from tests.support.builders import NOW


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def hear(engine: AsyncEngine, code: str, now: datetime, *, active: bool = True) -> None:
    party = PartyRegistered(code=code, name=code, roles=("seller",), active=active)
    async with engine.begin() as connection:
        await SqlDeclarations(connection).save_parties([party], now)


async def test_what_is_heard_is_known_a_second_later(strangers: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    assert await directory.look(strangers) == {}

    await hear(strangers, "SELLER0001", NOW)
    assert (await directory.look(strangers)).keys() == {"SELLER0001"}, "the first is known at once"
    await hear(strangers, "SELLER0002", NOW)
    assert (await directory.look(strangers)).keys() == {"SELLER0001"}
    clock.seconds = 1.5

    assert (await directory.look(strangers)).keys() == {"SELLER0001", "SELLER0002"}


async def test_only_what_was_heard_since_is_read_again(strangers: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    await hear(strangers, "SELLER0001", NOW)
    await hear(strangers, "SELLER0002", NOW + timedelta(hours=1))
    first = await directory.look(strangers)
    async with strangers.begin() as connection:
        await connection.execute(sa.delete(parties).where(parties.c.code == "SELLER0001"))

    await hear(strangers, "SELLER0002", NOW + timedelta(hours=2), active=False)
    clock.seconds = 1.5
    then = await directory.look(strangers)

    assert first["SELLER0002"].active
    assert not then["SELLER0002"].active
    assert then["SELLER0001"] is first["SELLER0001"], "what is older is not read again"


async def test_a_party_whose_transaction_took_long_is_not_missed(strangers: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    await hear(strangers, "SELLER0002", NOW)
    await directory.look(strangers)

    await hear(strangers, "SELLER0001", NOW - timedelta(seconds=40))
    clock.seconds = 1.5

    assert (await directory.look(strangers)).keys() == {"SELLER0001", "SELLER0002"}


async def test_examiners_keep_the_parties_they_were_given(strangers: AsyncEngine) -> None:
    clock = Clock()
    directory = Directory(clock)
    await hear(strangers, "SELLER0001", NOW)
    given = await directory.look(strangers)

    await hear(strangers, "SELLER0001", NOW + timedelta(seconds=5), active=False)
    clock.seconds = 1.5
    await directory.look(strangers)

    assert given["SELLER0001"].active
