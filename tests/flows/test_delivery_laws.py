"""Every handler of every room, however Kafka delivers: same facts, same events, same balances."""

from __future__ import annotations

import asyncio

import pytest

from shared.runtime.bus import Message
from shared.runtime.failures import is_transient
from shared.runtime.unit_of_work import UnitOfWork
from shared.runtime.waves import Said
from tests.conftest import MakeDatabase
from tests.support.laws import STORES, Crash, a_room, crash_at, hear, left_behind, spoken
from tests.support.stories import told

SERVICES = sorted(STORES)
Outcome = tuple[set[tuple[str, int, str]], dict[str, list[str]]]


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """Each room that hears anything about declarations."""
    name: str = request.param
    return name


async def plainly(service: str, make_database: MakeDatabase) -> Outcome:
    """What one delivery in order leaves behind: what every other delivery must leave behind."""
    async with a_room(service, make_database) as work:
        said = await hear(work, told(service))
        left = await left_behind(work.engine)
    assert left["waiting"] == [], "the story itself must be well told"
    return spoken(said), left


def in_another_key_order(messages: list[Message]) -> list[Message]:
    """The declarations the other way round; each one's messages in their own order."""
    subjects = list(dict.fromkeys(message.subject for message in messages))
    return [message for subject in reversed(subjects) for message in messages if message.subject == subject]


async def test_delivered_twice(service: str, make_database: MakeDatabase) -> None:
    async with a_room(service, make_database) as work:
        first = await hear(work, told(service))
        again = await hear(work, told(service))
        left = await left_behind(work.engine)

    assert spoken(again) == spoken(first)
    assert (spoken(first), left) == await plainly(service, make_database)


async def test_cut_in_small_batches(service: str, make_database: MakeDatabase) -> None:
    messages = told(service)
    async with a_room(service, make_database) as work:
        said: Said = []
        for start in range(0, len(messages), 3):
            said += await hear(work, messages[start : start + 3])
        left = await left_behind(work.engine)

    assert (spoken(said), left) == await plainly(service, make_database)


async def test_in_another_key_order(service: str, make_database: MakeDatabase) -> None:
    async with a_room(service, make_database) as work:
        parties = [message for message in told(service) if message.source == "registry"]
        others = [message for message in told(service) if message.source != "registry"]
        said = await hear(work, parties + in_another_key_order(others))
        left = await left_behind(work.engine)

    assert (spoken(said), left) == await plainly(service, make_database)


async def test_by_two_consumers_at_once(service: str, make_database: MakeDatabase) -> None:
    async with a_room(service, make_database) as work:
        both = await asyncio.gather(*(patiently(work, told(service)) for _ in range(2)))
        left = await left_behind(work.engine)

    assert (spoken(both[0]) | spoken(both[1]), left) == await plainly(service, make_database)


async def test_after_a_crash_before_every_statement(service: str, make_database: MakeDatabase) -> None:
    messages, statement = told(service), 0
    async with a_room(service, make_database) as work:
        said: set[tuple[str, int, str]] = set()
        while True:
            try:
                with crash_at(work.engine, statement):
                    said |= spoken(await hear(work, messages))
                break
            except Crash:
                statement += 1 + statement // 12
        left = await left_behind(work.engine)

    assert statement > 5
    assert (said, left) == await plainly(service, make_database)


async def patiently(work: UnitOfWork, messages: list[Message]) -> Said:
    """As the consumer does: what may succeed later is tried again."""
    while True:
        try:
            return await hear(work, messages)
        except Exception as error:
            if not is_transient(error):
                raise
