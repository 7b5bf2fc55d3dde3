"""Broker: topics from beginning to end, and how far the groups are. Reads only, in no group.

The one file here that knows aiokafka.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from audit.hearing import HEARS
from audit.topics import Topics
from audit.where import CouldNotLook, Where
from shared.contracts.topics import PARTITIONS, SOURCES, topic_of
from shared.runtime.kafka.guard import (
    START,
    BrokerAway,
    connection_options,
    kept_for,
    stop_quietly,
    within,
)
from shared.runtime.settings import Settings

Places = list[TopicPartition]
AT_ONCE = 2000
"""Records that are looked at in one go."""
AHEAD = 2 * 1024 * 1024
"""Bytes that the broker sends ahead; as records in memory they are many times that."""


class Broker:
    """A client of the broker that joins no group and writes nothing."""

    def __init__(self, where: Where, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self._where, self._consumer, self._admin = where, consumer, admin

    async def committed(self) -> dict[str, dict[tuple[str, int], int]]:
        """How far each service's group is, by source and partition.

        Asked for before the books are opened: a state is never behind its offset.
        """
        return {service: await self._committed(service) for service in HEARS}

    async def read(self, topics: Topics, progress: Callable[[str], None]) -> None:
        """Every record that is there now, into the pile."""
        begins, ends = await self._extent()
        left = {place for place in ends if ends[place] > begins[place]}
        self._note_emptied(topics, (place for place in ends.keys() - left if begins[place] > 0))
        sources = {place: self._source_of(place) for place in left}
        self._consumer.assign(sorted(left))
        await within(START, self._consumer.seek_to_beginning(*left), "seek")
        records = sum(ends[place] - begins[place] for place in left)
        progress(f"reading {records:,} records")
        while left:
            work = self._consumer.getmany(*left, timeout_ms=1000, max_records=AT_ONCE)
            fetched = await within(START, work, "getmany")
            for place, found in fetched.items():
                if begins[place] > 0:
                    self._note(topics, sources[place], found[0])
                for record in found:
                    if record.offset < ends[place]:
                        topics.hear(sources[place], record)
            left = {place for place in left if await self._position(place) < ends[place]}

    async def _extent(self) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """Where every partition begins and ends now."""
        places = [place for source in SOURCES for place in self._places(source)]
        begins = await within(START, self._consumer.beginning_offsets(places), "beginning offsets")
        ends = await within(START, self._consumer.end_offsets(places), "end offsets")
        return begins, ends

    async def lag(self) -> dict[str, int]:
        """Records that groups have not passed yet, by service."""
        _, extent = await self._extent()
        ends = {(self._source_of(place), place.partition): end for place, end in extent.items()}
        behind = {}
        for service, sources in HEARS.items():
            done = await self._committed(service)
            behind[service] = sum(
                max(0, end - done.get(place, 0)) for place, end in ends.items() if place[0] in sources
            )
        return {service: lag for service, lag in behind.items() if lag}

    async def _position(self, place: TopicPartition) -> int:
        return int(await within(START, self._consumer.position(place), "position"))

    @staticmethod
    def _note(topics: Topics, source: str, first: Any) -> None:
        """A topic that does not begin at 0 has lost its oldest records: from when on it is whole."""
        moment = datetime.fromtimestamp(first.timestamp / 1000, UTC)
        topics.marks.begins.setdefault((source, first.partition), moment)

    def _note_emptied(self, topics: Topics, places: Iterable[TopicPartition]) -> None:
        """Nothing has come for as long as a record is kept: what is older has left, all of it."""
        for place in places:
            source = self._source_of(place)
            if (kept := kept_for(source)) >= 0:
                moment = datetime.now(UTC) - timedelta(milliseconds=kept)
                topics.marks.begins[source, place.partition] = moment

    async def _committed(self, service: str) -> dict[tuple[str, int], int]:
        work = self._admin.list_consumer_group_offsets(f"{self._where.topic_prefix}{service}")
        found: Mapping[TopicPartition, Any] = await within(START, work, "group offsets")
        return {(self._source_of(place), place.partition): done.offset for place, done in found.items()}

    def _source_of(self, place: TopicPartition) -> str:
        topic: str = place.topic
        return topic.removeprefix(self._where.topic_prefix).partition(".")[0]

    def _places(self, source: str) -> Places:
        topic = self._where.topic_prefix + topic_of(source)
        return [TopicPartition(topic, number) for number in range(PARTITIONS)]


@asynccontextmanager
async def open_broker(where: Where) -> AsyncIterator[Broker]:
    """A broker to read from; `CouldNotLook` when it does not answer."""
    settings = Settings(
        service="audit", bootstrap_servers=where.bootstrap, kafka_security=dict(where.security)
    )
    options = connection_options(settings)
    consumer = AIOKafkaConsumer(
        **options,
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
        retry_backoff_ms=250,
        fetch_max_bytes=AHEAD,
        max_partition_fetch_bytes=AHEAD // 8,
    )
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=10_000)
    try:
        await within(START, consumer.start(), "consumer start")
        await within(START, admin.start(), "admin start")
        yield Broker(where, consumer, admin)
    except BrokerAway as away:
        raise CouldNotLook(f"the broker at {where.bootstrap}: {away}") from away
    finally:
        await stop_quietly(consumer.stop)
        await stop_quietly(admin.close)
