"""Speaker: a producer that is thrown away and rebuilt after a failure.

Facts go as one batch a partition (`create_batch` starts at 16 KiB: raised; `append` answers None when full).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import Fact
from shared.contracts.topics import topic_of
from shared.runtime.bus import headers_of, partition_of
from shared.runtime.kafka.ending import end_producer
from shared.runtime.kafka.guard import SAY, START, connection_options, stop_quietly, within
from shared.runtime.settings import Settings

MAX_BATCH = 900 * 1024


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
                    compression_type=_packed(self._settings),
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
        task = asyncio.create_task(end_producer(producer))
        self._dying.add(task)
        task.add_done_callback(self._dying.discard)

    async def stop(self) -> None:
        """Flush and close, bounded."""
        if self._producer is not None:
            await stop_quietly(self._producer.flush)
            await end_producer(self._producer)
            self._producer = None


def _packed(settings: Settings) -> str | None:
    """The client's word for how batches are packed."""
    return None if settings.compression == "none" else settings.compression


def _append(batch: Any, fact: Fact) -> bool:
    written = batch.append(
        timestamp=int(fact.recorded_at.timestamp() * 1000),
        key=fact.subject.encode(),
        value=fact.body,
        headers=headers_of(fact),
    )
    return written is not None
