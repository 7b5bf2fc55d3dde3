"""Deliveries: what a broker may bring: again, in another order, from the beginning, and what nobody said.

A service's facts may come any number of times and in any order, as long as they come. So a whole partition is taken
off a topic and put back shuffled; nothing is ever put there that was not a fact, except poison without a name.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError

from shared.contracts.topics import PARTITIONS, SOURCES, topic_of
from shared.runtime.bus import Record
from shared.runtime.kafka.reader import records_of
from tests.chaos.fault import Fault
from tests.chaos.world import HEARERS, World

T = TypeVar("T")
SPEAKERS = tuple(source for source in SOURCES if source != "registry")
MOST = 3000
"""Records of a partition that come again."""
NOBODY = b"nobody"
"""Key of what no service has said."""
POISON: tuple[tuple[bytes | None, list[tuple[str, bytes]]], ...] = (
    (b"hello", []),
    (None, [("ce_id", b"x"), ("ce_source", b"/tax")]),
    (b"{", [("ce_id", b"019732f0-2a80-7000-8000-000000000001/x"), ("ce_source", b"/tax")]),
    (b"\xff\xfe", [("ce_id", b"\xff"), ("ce_source", b"\xff"), ("ce_type", b"\xff")]),
)
"""Records whose envelope is unreadable: they are parked under their place and belong to no declaration."""


async def persist(work: Callable[[], Awaitable[T]], seconds: float = 90.0) -> T:
    """Do it again until the broker lets it: another fault may have it just now."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await asyncio.wait_for(work(), 20)
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(1)


async def read_all(world: World, place: TopicPartition) -> list[Record]:
    """What services have said on a partition."""
    async with AIOKafkaConsumer(bootstrap_servers=world.bootstrap, enable_auto_commit=False) as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end, found = (await consumer.end_offsets([place]))[place], []
        while await consumer.position(place) < end:
            found += records_of(await consumer.getmany(timeout_ms=500))
        return [record for record in found if record.offset < end and record.key != NOBODY]


async def say(world: World, records: list[Record]) -> None:
    """Put records where they were, in the order given."""
    async with AIOKafkaProducer(bootstrap_servers=world.bootstrap, acks="all", linger_ms=5) as producer:
        sent = [
            await producer.send(r.topic, r.value, r.key, r.partition, headers=list(r.headers))
            for r in records
        ]
        await asyncio.gather(*sent)


def a_place(chance: random.Random) -> TopicPartition:
    return TopicPartition(topic_of(chance.choice(SPEAKERS)), chance.randrange(PARTITIONS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(Fault):
    """What is on four partitions comes once more, shuffled."""

    family: str = "repeat"

    async def inject(self, world: World, chance: random.Random) -> None:
        for place in [a_place(chance) for _ in range(4)]:
            records = await persist(partial(read_all, world, place))
            again = records[-MOST:]
            chance.shuffle(again)
            await persist(partial(say, world, again))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(Fault):
    """Two partitions are emptied and said again in another order: who has not heard them yet hears them so.

    Committed offsets then lie before the partition's beginning, which consumers must survive too.
    """

    family: str = "reorder"

    async def inject(self, world: World, chance: random.Random) -> None:
        for place in {a_place(chance) for _ in range(2)}:
            records = await persist(partial(read_all, world, place))
            if records:
                end = records[-1].offset + 1
                chance.shuffle(records)
                await persist(partial(delete_before, world, place, end))
                await persist(partial(say, world, records), seconds=300)


async def delete_before(world: World, place: TopicPartition, offset: int) -> None:
    """Delete what lies before an offset."""
    admin = AIOKafkaAdminClient(bootstrap_servers=world.bootstrap)
    await admin.start()
    try:
        await admin.delete_records({place: RecordsToDelete(before_offset=offset)})
    finally:
        await admin.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(Fault):
    """The group's offsets are back at zero: the service reads every topic from its beginning."""

    family: str = "forget-offsets"

    async def inject(self, world: World, chance: random.Random) -> None:
        await world.end(self.target)
        try:
            await persist(lambda: forget(world, self.target))
        finally:
            await world.start_services([self.target])


async def forget(world: World, group: str) -> None:
    """Commit zeros for a group, once it has no member any more (a static one outlives its process for 10 s)."""
    admin = AIOKafkaAdminClient(bootstrap_servers=world.bootstrap)
    await admin.start()
    try:
        places = await admin.list_consumer_group_offsets(group)
        while not _is_empty(await admin.describe_consumer_groups([group])):
            await asyncio.sleep(0.3)
    finally:
        await admin.close()
    if not places:
        raise TimeoutError(f"the broker does not say how far {group} is")
    async with AIOKafkaConsumer(
        bootstrap_servers=world.bootstrap, group_id=group, enable_auto_commit=False
    ) as consumer:
        consumer.assign(list(places))
        await consumer.commit(dict.fromkeys(places, 0))


def _is_empty(described: Any) -> bool:
    """Whether the one group asked for has no member: only then may somebody else commit for it."""
    return bool(described[0].groups[0][2] == "Empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison(Fault):
    """Twelve records that nobody said and nobody can read, on topics of all."""

    family: str = "poison"

    async def inject(self, world: World, chance: random.Random) -> None:
        for _ in range(12):
            body, headers = chance.choice(POISON)
            place = a_place(chance)
            await persist(partial(plant, world, place, body, headers))


async def plant(
    world: World, place: TopicPartition, body: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    """Put one record on a topic."""
    async with AIOKafkaProducer(bootstrap_servers=world.bootstrap, acks="all") as producer:
        await producer.send_and_wait(place.topic, body, NOBODY, place.partition, headers=list(headers))


def faults() -> list[Fault]:
    """All of them."""
    return [Repeat(), Reorder(), Poison(), *(Forget(target=name) for name in HEARERS)]
