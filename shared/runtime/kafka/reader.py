"""Reader: the bus of one replica.

Bytes are decoded by hand; records come by `getmany` only; offsets are committed by hand; a watchdog ends the process
when lag stands and nothing moves.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from shared.contracts.envelope import Fact
from shared.contracts.topics import PARTITIONS, topic_of
from shared.runtime.bus import Ends, Record
from shared.runtime.kafka.ending import end_consumer
from shared.runtime.kafka.guard import (
    COMMIT,
    START,
    BrokerAway,
    connection_options,
    is_listening,
    within,
)
from shared.runtime.kafka.rhythm import Rhythm
from shared.runtime.kafka.speaker import Speaker
from shared.runtime.kafka.standing import Standing
from shared.runtime.settings import Settings
from shared.runtime.telemetry import log

COMMIT_EVERY = 1.0
SOON = 10
"""Milliseconds within which a broker that has something answers."""


def records_of(fetched: Mapping[TopicPartition, Sequence[Any]]) -> list[Record]:
    """What the client fetched, partition by partition."""
    return [record for batch in fetched.values() for record in batch]


def places_of(topic: str) -> list[TopicPartition]:
    """The partitions of a topic."""
    return [TopicPartition(topic, number) for number in range(PARTITIONS)]


class KafkaBus:
    """The bus of one replica of one service: its group's partitions in, its facts out."""

    def __init__(self, settings: Settings, sources: Sequence[str]) -> None:
        self._settings = settings
        self._topics = [settings.topic_prefix + topic_of(source) for source in sources]
        self._speaker = Speaker(settings)
        self._consumer: AIOKafkaConsumer | None = None
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._lagging, self._silent = Standing(time.monotonic()), Standing(time.monotonic())
        self._rhythm = Rhythm(settings.gather_ms / 1000)
        self._asked: dict[str, dict[TopicPartition, int]] = {}
        """By source: where its partitions ended when it was first asked whether they are handled."""

    async def poll(self) -> list[Record]:
        """What is new, within half a second. While records keep coming: what gathers in a few milliseconds.

        The client stops fetching at the first partition that has something, until that is taken. So after a rest
        two answers are taken: that one, and what has gathered at the broker since.
        """
        consumer, rhythm = await self._ready(), self._rhythm
        is_pressed, began = rhythm.is_pressed, time.monotonic()
        try:
            if is_pressed:
                await asyncio.sleep(rhythm.gather)
            records = await self._fetch(consumer, 500)
            rhythm.note(len(records), time.monotonic() - began)
            if is_pressed and 0 < len(records) < self._settings.max_records:
                records += await self._fetch(consumer, SOON)
        except BaseException:
            await self.close_consumer()
            raise
        if not records and self._done:
            await self._commit(consumer)
        return records

    async def _fetch(self, consumer: AIOKafkaConsumer, timeout_ms: int) -> list[Record]:
        work = consumer.getmany(timeout_ms=timeout_ms, max_records=self._settings.max_records)
        fetched = await within(START, work, "getmany")
        if fetched:
            self._lagging.moves(time.monotonic())
        return records_of(fetched)

    async def _ready(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                *self._topics,
                **connection_options(self._settings),
                group_id=f"{self._settings.topic_prefix}{self._settings.service}",
                group_instance_id=f"{self._settings.service}-{self._settings.replica_id}",
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                partition_assignment_strategy=[RangePartitionAssignor],
                session_timeout_ms=10_000,
                max_poll_interval_ms=300_000,
                max_partition_fetch_bytes=2 * 1024 * 1024,
                retry_backoff_ms=250,
            )
            try:
                await within(START, consumer.start(), "consumer start")
            except BaseException:
                await end_consumer(consumer)
                raise
            self._consumer, self._done = consumer, {}
            self._lagging.moves(time.monotonic())
            self._silent.moves(time.monotonic())
        return self._consumer

    async def say(self, facts: Sequence[tuple[Fact, int | None]]) -> None:
        """Deliver facts; returns when all are acknowledged."""
        await self._speaker.say(facts)

    async def commit(self, ends: Ends) -> None:
        """Note how far this replica is; written to the broker about once a second. Failure is harmless."""
        for (topic, partition), end in ends.items():
            place = TopicPartition(topic, partition)
            self._done[place] = max(self._done.get(place, 0), end)
        if self._consumer is not None and time.monotonic() - self._committed_at > COMMIT_EVERY:
            await self._commit(self._consumer)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        done, self._done = self._done, {}
        self._committed_at = time.monotonic()
        mine = {place: offset for place, offset in done.items() if place in consumer.assignment()}
        if mine:
            try:
                await within(COMMIT, consumer.commit(mine), "commit")
            except BaseException as error:
                self._done = mine | self._done
                if not isinstance(error, BrokerAway):
                    raise
                log("kafka").info("offsets not committed; repeats change nothing", error=str(error))

    async def has_handled(self, source: str) -> bool:
        """Whether this group has handled all that a source had said when this was first asked here.

        It goes by what is committed, which comes a second after the handling. Fails while the broker is away.
        """
        consumer = self._consumer
        if consumer is None:
            return False
        if source not in self._asked:
            places = places_of(self._settings.topic_prefix + topic_of(source))
            self._asked[source] = await within(COMMIT, consumer.end_offsets(places), "ends")
        for place, end in self._asked[source].items():
            if end and (await within(COMMIT, consumer.committed(place), "committed") or 0) < end:
                return False
        return True

    async def lag(self) -> dict[str, int]:
        """Records not yet fetched, by topic, of the partitions assigned here; fails while the broker is away.

        Asked of the broker: a client that has stopped fetching knows of no lag, and does not complain. Asked also
        where nothing is assigned: a client whose joining is never answered knows nothing of that either.
        """
        lags: dict[str, int] = defaultdict(int)
        consumer = self._consumer
        if consumer is None:
            return lags
        mine = consumer.assignment()
        try:
            ends = await within(COMMIT, consumer.end_offsets(list(mine or self._places())), "broker")
        except BrokerAway:
            await self._leave_if_deaf()
            raise
        self._silent.moves(time.monotonic())
        for place in mine:
            position = await within(COMMIT, consumer.position(place), "position")
            lags[place.topic.removeprefix(self._settings.topic_prefix)] += max(0, ends[place] - position)
        return dict(lags)

    def _places(self) -> list[TopicPartition]:
        return [place for topic in self._topics for place in places_of(topic)]

    async def _leave_if_deaf(self) -> None:
        """End the process when the broker listens and this client has had no answer for long."""
        is_deaf = self._silent.look(time.monotonic()) > self._settings.stuck_after
        if is_deaf and await is_listening(self._settings.bootstrap_servers):
            log("kafka").critical("the broker listens, but this client hears nothing; leaving")
            os._exit(70)

    def leave_if_stuck(self, lag: dict[str, int]) -> None:
        """End the process when lag stands and nothing has come for long: the client is stuck."""
        if not any(lag.values()):
            self._lagging.moves(time.monotonic())
        elif self._lagging.look(time.monotonic()) > self._settings.stuck_after:
            log("kafka").critical("lag stands and nothing moves; leaving", lag=lag)
            os._exit(70)

    @property
    def is_assigned(self) -> bool:
        """Whether this replica has its partitions."""
        return self._consumer is not None and bool(self._consumer.assignment())

    async def close_consumer(self) -> None:
        """Leave: commit what is done, stop, bounded."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await self._commit(consumer)
            await end_consumer(consumer)

    async def stop(self) -> None:
        """Stop reading, then speaking."""
        await self.close_consumer()
        await self._speaker.stop()
