"""Kafka: the one file that knows the client, and guards it.

aiokafka 0.14 hangs where it should fail while a broker is away (an idempotent send, a commit, a stop), so every
await has a deadline; a producer that timed out is thrown away and rebuilt; bytes are decoded by hand; records come
by `getmany` only; offsets are committed by hand; a watchdog ends the process when lag stands and nothing moves.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from shared.contracts.envelope import Fact
from shared.contracts.topics import PARTITIONS, SOURCES, topic_of
from shared.runtime.bus import Record, headers_of, partition_of
from shared.runtime.settings import Settings
from shared.runtime.telemetry import log

START, SAY, COMMIT, STOP = 15.0, 20.0, 3.0, 5.0
"""Deadlines in seconds."""
MAX_BATCH = 900 * 1024
COMMIT_EVERY = 1.0
STUCK_AFTER = 90.0
"""Seconds of standing lag after which the watchdog ends the process: its supervisor starts a fresh client."""
_TOPIC_EXISTS = 36


class BrokerAway(ConnectionError):
    """The broker did not answer within the deadline."""


class WrongPartitions(RuntimeError):
    """A topic has another number of partitions than the platform is built on."""


async def within(seconds: float, work: Awaitable[Any], what: str) -> Any:
    """The result of a client call, or `BrokerAway` when it fails or takes too long."""
    try:
        return await asyncio.wait_for(work, seconds)
    except (KafkaError, TimeoutError, OSError) as error:
        raise BrokerAway(f"{what}: {type(error).__name__} {error}") from error


def connection_options(settings: Settings) -> dict[str, Any]:
    """Bootstrap address and, where set, TLS and SASL."""
    options: dict[str, Any] = {"bootstrap_servers": settings.bootstrap_servers, **settings.kafka_security}
    cafile = options.pop("ssl_cafile", None)
    if str(options.get("security_protocol", "")).endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=cafile)
    return options


async def lay_topics(settings: Settings) -> None:
    """Make the topics that are not there; refuse another number of partitions than eight."""
    names = [settings.topic_prefix + topic_of(source) for source in SOURCES]
    admin = AIOKafkaAdminClient(**connection_options(settings), request_timeout_ms=10_000)
    try:
        await within(START, admin.start(), "admin start")
        wanted = [
            NewTopic(name, PARTITIONS, settings.topic_replication, topic_configs={"retention.ms": "604800000"})
            for name in names
        ]
        answer = await within(START, admin.create_topics(wanted), "create topics")
        for name, code, *_ in answer.topic_errors:
            if code not in (0, _TOPIC_EXISTS):
                raise BrokerAway(f"topic {name} was not made: Kafka error {code}")
        for topic in await within(START, admin.describe_topics(names), "describe topics"):
            if topic["error_code"] == 0 and len(topic["partitions"]) != PARTITIONS:
                raise WrongPartitions(f"{topic['topic']} has {len(topic['partitions'])} partitions, not {PARTITIONS}")
    finally:
        await stop_quietly(admin.close)


async def stop_quietly(stop: Callable[[], Awaitable[Any]]) -> None:
    """Stop a client in a task of its own, bounded: its stray cancellations stay there."""
    task = asyncio.ensure_future(stop())
    await asyncio.wait([task], timeout=STOP)
    if not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=1)
    elif not task.cancelled() and task.exception() is not None:
        log("kafka").debug("client stopped badly", error=str(task.exception()))


class Speaker:
    """A producer that is thrown away and rebuilt after a failure."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._dying: set[asyncio.Task[None]] = set()

    async def say(self, facts: Iterable[tuple[Fact, int | None]]) -> None:
        """Deliver facts as one batch a partition; returns when every one is acknowledged by all replicas."""
        producer = await self._ready()
        try:
            await within(SAY, self._send(producer, facts), "say")
        except BaseException:
            self._discard(producer)
            raise

    async def _send(self, producer: AIOKafkaProducer, facts: Iterable[tuple[Fact, int | None]]) -> None:
        batches: dict[tuple[str, int], Any] = {}
        sent = []
        for fact, partition in facts:
            place = partition_of(fact.subject) if partition is None else partition
            target = (self._settings.topic_prefix + topic_of(fact.source), place)
            batch = batches.get(target) or batches.setdefault(target, producer.create_batch())
            if not _append(batch, fact):
                sent.append(await producer.send_batch(batch, target[0], partition=place))
                batches[target] = batch = producer.create_batch()
                if not _append(batch, fact):
                    raise ValueError(f"fact {fact.subject}/{fact.seq} does not fit into an empty batch")
        for (topic, place), batch in batches.items():
            sent.append(await producer.send_batch(batch, topic, partition=place))
        await asyncio.gather(*sent)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **connection_options(self._settings),
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=MAX_BATCH,
                    request_timeout_ms=10_000,
                    retry_backoff_ms=250,
                )
                try:
                    await within(START, producer.start(), "producer start")
                except BaseException:
                    self._discard(producer)
                    raise
                self._producer = producer
            return self._producer

    def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        task = asyncio.create_task(stop_quietly(producer.stop))
        self._dying.add(task)
        task.add_done_callback(self._dying.discard)

    async def stop(self) -> None:
        """Flush and close, bounded."""
        if self._producer is not None:
            await stop_quietly(self._producer.stop)
            self._producer = None


def _append(batch: Any, fact: Fact) -> bool:
    written = batch.append(
        timestamp=int(fact.recorded_at.timestamp() * 1000),
        key=fact.subject.encode(),
        value=fact.body,
        headers=headers_of(fact),
    )
    return written is not None


class KafkaBus:
    """The bus of one replica of one service: its group's partitions in, its facts out."""

    def __init__(self, settings: Settings, sources: Sequence[str]) -> None:
        self._settings = settings
        self._topics = [settings.topic_prefix + topic_of(source) for source in sources]
        self._speaker = Speaker(settings)
        self._consumer: AIOKafkaConsumer | None = None
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._moved_at = time.monotonic()
        self._is_busy = False

    async def poll(self) -> list[Record]:
        """What is new, within half a second; with lag, what gathers in a few milliseconds more."""
        consumer = await self._ready()
        try:
            records = await self._fetch(consumer, 500)
            if records and self._is_busy and len(records) < self._settings.max_records:
                await asyncio.sleep(self._settings.gather_ms / 1000)
                records += await self._fetch(consumer, 0)
        except BaseException:
            await self.close_consumer()
            raise
        self._is_busy = len(records) > 16
        if not records and self._done:
            await self._commit(consumer)
        return records

    async def _fetch(self, consumer: AIOKafkaConsumer, timeout_ms: int) -> list[Record]:
        work = consumer.getmany(timeout_ms=timeout_ms, max_records=self._settings.max_records)
        fetched = await within(START, work, "getmany")
        if fetched:
            self._moved_at = time.monotonic()
        return [
            Record(r.topic, r.partition, r.offset, r.key, r.value, r.headers)
            for batch in fetched.values()
            for r in batch
        ]

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
                await stop_quietly(consumer.stop)
                raise
            self._consumer, self._done = consumer, {}
            self._moved_at = time.monotonic()
        return self._consumer

    async def say(self, facts: Sequence[tuple[Fact, int | None]]) -> None:
        """Deliver facts; returns when all are acknowledged."""
        await self._speaker.say(facts)

    async def commit(self, records: Sequence[Record]) -> None:
        """Note how far this replica is; written to the broker about once a second. Failure is harmless."""
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            self._done[place] = max(self._done.get(place, 0), record.offset + 1)
        if self._consumer is not None and time.monotonic() - self._committed_at > COMMIT_EVERY:
            await self._commit(self._consumer)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        done, self._done = self._done, {}
        self._committed_at = time.monotonic()
        mine = {place: offset for place, offset in done.items() if place in consumer.assignment()}
        if mine:
            try:
                await within(COMMIT, consumer.commit(mine), "commit")
            except BrokerAway as error:
                log("kafka").info("offsets not committed; repeats change nothing", error=str(error))
                self._done = mine | self._done

    async def lag(self) -> dict[str, int]:
        """Records not yet fetched, by topic, of the partitions assigned here."""
        lags: dict[str, int] = defaultdict(int)
        consumer = self._consumer
        for place in consumer.assignment() if consumer else ():
            end = consumer.highwater(place)
            if end is not None:
                position = await within(COMMIT, consumer.position(place), "position")
                lags[place.topic.removeprefix(self._settings.topic_prefix)] += max(0, end - position)
        return dict(lags)

    def leave_if_stuck(self, lag: dict[str, int]) -> None:
        """End the process when lag stands and nothing has come for long: the client is stuck."""
        if any(lag.values()) and time.monotonic() - self._moved_at > STUCK_AFTER:
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
            await stop_quietly(consumer.stop)

    async def stop(self) -> None:
        """Stop reading, then speaking."""
        await self.close_consumer()
        await self._speaker.stop()


class KafkaTail:
    """Reads one topic from its beginning, for this process alone, without a group: a copy in memory."""

    def __init__(self, settings: Settings, source: str) -> None:
        self._settings, self._topic = settings, settings.topic_prefix + topic_of(source)
        self._consumer: AIOKafkaConsumer | None = None

    async def poll(self) -> list[Record]:
        """What is new, within half a second."""
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**connection_options(self._settings), enable_auto_commit=False)
            try:
                await within(START, consumer.start(), "tail start")
                consumer.assign([TopicPartition(self._topic, number) for number in range(PARTITIONS)])
                await within(START, consumer.seek_to_beginning(), "tail seek")
            except BaseException:
                await stop_quietly(consumer.stop)
                raise
            self._consumer = consumer
        fetched = await within(START, self._consumer.getmany(timeout_ms=500), "tail getmany")
        return [
            Record(r.topic, r.partition, r.offset, r.key, r.value, r.headers)
            for batch in fetched.values()
            for r in batch
        ]

    async def stop(self) -> None:
        """Stop, bounded."""
        if self._consumer is not None:
            await stop_quietly(self._consumer.stop)
            self._consumer = None
