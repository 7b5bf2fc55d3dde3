"""Tail: reads one topic for a process alone.

Without a group, from its beginning: a copy in memory. A client that has gone deaf brings nothing and does not
complain, so who hears nothing for a while asks the broker whether there was something.
"""

from __future__ import annotations

import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import topic_of
from shared.runtime.bus import Record
from shared.runtime.kafka.ending import end_consumer
from shared.runtime.kafka.guard import COMMIT, START, BrokerAway, connection_options, within
from shared.runtime.kafka.reader import places_of, records_of
from shared.runtime.kafka.standing import Standing
from shared.runtime.settings import Settings


class KafkaTail:
    """One topic, from its beginning. After a failure it is read again from there, and ends at the same."""

    def __init__(self, settings: Settings, source: str) -> None:
        self._settings, self._topic = settings, settings.topic_prefix + topic_of(source)
        self._places = places_of(self._topic)
        self._consumer: AIOKafkaConsumer | None = None
        self._ends: dict[TopicPartition, int] = {}
        self._quiet = Standing(time.monotonic())

    async def poll(self) -> list[Record]:
        """What is new, within half a second."""
        consumer = await self._ready()
        most = self._settings.max_records  # packed, a fetch is of any length
        fetched = await within(START, consumer.getmany(timeout_ms=500, max_records=most), "tail getmany")
        if fetched:
            self._quiet.moves(time.monotonic())
        elif self._quiet.look(time.monotonic()) > self._settings.stuck_after:
            await self._ask(consumer)
        return records_of(fetched)

    async def _ready(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**connection_options(self._settings), enable_auto_commit=False)
            try:
                await within(START, consumer.start(), "tail start")
                consumer.assign(self._places)
                await within(START, consumer.seek_to_beginning(), "tail seek")
                self._ends = await within(START, consumer.end_offsets(self._places), "tail ends")
            except BaseException:
                await end_consumer(consumer)
                raise
            self._consumer = consumer
            self._quiet.moves(time.monotonic())
        return self._consumer

    async def _ask(self, consumer: AIOKafkaConsumer) -> None:
        """Whether there is something that does not come; then, or without an answer, begin with a fresh client."""
        try:
            ends = await within(COMMIT, consumer.end_offsets(self._places), "tail ends")
            for place, end in ends.items():
                if await within(COMMIT, consumer.position(place), "tail position") < end:
                    raise BrokerAway(f"{self._topic} has more, and nothing comes")
        except BaseException:
            await self.stop()
            raise
        self._quiet.moves(time.monotonic())

    async def is_at_end(self) -> bool:
        """Whether everything has come that was there when it began."""
        if self._consumer is None:
            return False
        for place, end in self._ends.items():
            if await within(COMMIT, self._consumer.position(place), "tail position") < end:
                return False
        return True

    async def stop(self) -> None:
        """Stop, bounded."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await end_consumer(consumer)
