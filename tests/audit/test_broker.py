"""Broker: from when on each partition is whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from audit.broker import Broker
from audit.piles import Pile
from audit.topics import Topics
from audit.where import Where
from shared.contracts.topics import PARTITIONS

WEEK = timedelta(days=7)


class Emptied:
    """A consumer of topics whose every record has left; those of `untouched` never had one."""

    def __init__(self, untouched: str) -> None:
        self._untouched = untouched

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: 0 if place.topic.startswith(self._untouched) else 40 for place in places}

    end_offsets = beginning_offsets

    def assign(self, places: list[TopicPartition]) -> None:
        assert places == []

    async def seek_to_beginning(self, *places: TopicPartition) -> None:
        assert places == ()


async def marks(untouched: str) -> dict[tuple[str, int], datetime]:
    broker = Broker(
        cast("Where", _where()),
        cast("AIOKafkaConsumer", Emptied(untouched)),
        cast("AIOKafkaAdminClient", None),
    )
    topics = Topics(cast("Pile", None))
    await broker.read(topics, lambda _: None)
    return topics.marks.begins


def _where() -> Any:
    return type("Nowhere", (), {"topic_prefix": ""})()


async def test_a_partition_that_has_emptied_is_whole_from_when_its_records_are_kept() -> None:
    begins = await marks(untouched="tax")

    week_ago = datetime.now(UTC) - WEEK
    assert {
        abs(begins["logistics", number] - week_ago) < timedelta(minutes=1) for number in range(PARTITIONS)
    } == {True}


async def test_what_never_had_a_record_or_keeps_them_for_ever_is_whole_from_its_beginning() -> None:
    begins = await marks(untouched="tax")

    assert {source for source, _ in begins} == {"declaration", "quarantine", "logistics", "clearance"}
