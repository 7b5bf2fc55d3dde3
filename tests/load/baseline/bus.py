"""Baseline's bus: FastStream, set up as its documentation advises for throughput.

Logging off, pydantic's own JSON both ways instead of the generic codec and a second validation, large batches, a
short linger, an idempotent producer with acks=all that packs as ours does.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any
from zlib import crc32

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaPublishMessage
from pydantic import TypeAdapter

from shared.contracts.envelope import Event
from shared.contracts.topics import NAMES, PARTITIONS, TYPES

FORMS = ("message", "batch")
WORKERS, BATCH, LARGEST = 16, 500, 200
"""Concurrent handlers of the message form; records of a batch at most; messages of one published batch at most."""
BYTES = 900 * 1024


def topic(source: str) -> str:
    """The topic of a service, beside ours on the same broker."""
    return f"{os.environ['BASELINE_PREFIX']}{source}.events"


def make_broker() -> KafkaBroker:
    """The broker's client of one process."""
    codec: Any = os.environ["KAFKA_COMPRESSION"]
    return KafkaBroker(
        os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=BYTES,
        compression_type=None if codec == "none" else codec,
        logger=None,
        apply_types=False,
    )


def hear(broker: KafkaBroker, service: str, sources: Iterable[str], handle: Any) -> None:
    """Subscribe to what some services say: a message at a time with concurrent workers, or by the batch."""
    common: dict[str, Any] = {"group_id": f"{topic(service)}.group", "auto_offset_reset": "earliest"}
    topics = [topic(source) for source in sources]
    if os.environ["BASELINE_FORM"] == "batch":
        subscriber = broker.subscriber(
            *topics,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=20,
            fetch_min_bytes=64 * 1024,
            fetch_max_wait_ms=25,
            ack_policy=AckPolicy.ACK,
            decoder=_decode_batch,
            **common,
        )
        subscriber(handle)
        return

    async def handle_one(event: Event) -> None:
        await handle([event])

    broker.subscriber(*topics, max_workers=WORKERS, decoder=_decode_one, **common)(handle_one)


async def say(broker: KafkaBroker, source: str, events: Iterable[Event]) -> None:
    """Publish events keyed by their declarations: each by itself, or as one batch a type and partition."""
    if os.environ["BASELINE_FORM"] == "message":
        await asyncio.gather(*(_say_one(broker, source, event) for event in events))
        return
    grouped: dict[tuple[str, int], list[KafkaPublishMessage]] = defaultdict(list)
    for event in events:
        name, key = NAMES[type(event)], event.declaration_id.encode()
        message = KafkaPublishMessage(_adapter(name).dump_json(event), key=key)
        grouped[name, crc32(key) % PARTITIONS].append(message)
    sent = [
        broker.publish_batch(
            *messages[start : start + LARGEST], topic=topic(source), partition=place, headers={"type": name}
        )
        for (name, place), messages in grouped.items()
        for start in range(0, len(messages), LARGEST)
    ]
    await asyncio.gather(*sent)


async def _say_one(broker: KafkaBroker, source: str, event: Event) -> None:
    name = NAMES[type(event)]
    body, key = _adapter(name).dump_json(event), event.declaration_id.encode()
    await broker.publish(body, topic(source), key=key, headers={"type": name})


async def _decode_one(message: Any) -> Event:
    return _read(message.headers["type"], message.body)


async def _decode_batch(message: Any) -> list[Event]:
    return [
        _read(headers["type"], body)
        for headers, body in zip(message.batch_headers, message.body, strict=True)
    ]


def _read(name: str, body: bytes) -> Event:
    event: Event = _adapter(name).validate_json(body)
    return event


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(TYPES[name])
