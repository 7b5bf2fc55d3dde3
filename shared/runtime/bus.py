"""Bus: records in and out, as bytes.

`KafkaBus` (kafka/reader.py) carries them in production; `MemoryBus` here is for unit tests: the same promise.
"""

from __future__ import annotations

import uuid
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple, Protocol

from shared.contracts.envelope import Fact
from shared.contracts.topics import PARTITIONS, SOURCES, topic_of
from shared.kernel.ids import is_uuid

Headers = Sequence[tuple[str, bytes]]
Place = tuple[str, int]
"""A partition: topic and number."""
Ends = Mapping[Place, int]
"""By partition: the offset before which nothing need be brought again."""
_ALWAYS = (("ce_specversion", b"1.0"), ("content-type", b"application/json"))


class Record(Protocol):
    """One record as it came: bytes and its place. The Kafka client's own records are such."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Headers: ...


class Written(NamedTuple):
    """A record in memory."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Message(NamedTuple):
    """A record whose envelope could be read; its body is not decoded yet."""

    subject: str
    source: str
    seq: int
    type: str
    body: bytes
    traceparent: str = ""
    partition: int | None = None
    """Where it came from; None when it comes out of `waiting`."""
    place: str = ""
    """topic/partition/offset, for people."""
    garbled: str = ""
    """Why the envelope could not be read; then subject and seq are made up from the place."""


class Bus(Protocol):
    """Where records come from and go to."""

    async def poll(self) -> list[Record]:
        """The next records, in order within a partition; empty when there are none for a while."""

    async def say(self, facts: Sequence[tuple[Fact, int | None]]) -> None:
        """Deliver facts, each to a partition or, for None, by its key; returns when all are acknowledged."""

    async def commit(self, ends: Ends) -> None:
        """What lies before these offsets need not be brought again. May fail freely."""


def ends_of(records: Iterable[Record]) -> dict[Place, int]:
    """How far records reach, that come in order within a partition."""
    return {(record.topic, record.partition): record.offset + 1 for record in records}


def partition_of(key: str) -> int:
    """The partition of a key: CRC-32, as librdkafka's consistent partitioner."""
    return zlib.crc32(key.encode()) % PARTITIONS


def headers_of(fact: Fact) -> list[tuple[str, bytes]]:
    """The CloudEvents 1.0 attributes of a fact, Kafka binary mode."""
    headers = [
        ("ce_id", f"{fact.subject}/{fact.seq}".encode()),
        *_attributes(fact.source, fact.type, fact.recorded_at),
    ]
    if fact.traceparent:
        headers.append(("traceparent", fact.traceparent.encode()))
    return headers


@lru_cache(maxsize=64)
def _attributes(source: str, kind: str, recorded_at: datetime) -> tuple[tuple[str, bytes], ...]:
    """What all facts of a type have in common that one transaction made."""
    return (
        *_ALWAYS,
        ("ce_source", f"/{source}".encode()),
        ("ce_type", kind.encode()),
        ("ce_time", recorded_at.isoformat().encode()),
    )


def read_message(record: Record, prefix: str = "") -> Message:
    """The message in a record. One whose envelope is unreadable is named after its place, and parked later."""
    topic, partition = record.topic, record.partition
    place = f"{topic}/{partition}/{record.offset}"
    try:
        headers = dict(record.headers)
        subject, _, digits = headers["ce_id"].decode().rpartition("/")
        (source, named), seq = _source_of(topic, prefix), int(digits)
        if not (is_uuid(subject) and 0 < seq < 2**31 and headers["ce_source"] == named):
            raise ValueError(f"ce_id {headers['ce_id']!r} or ce_source is not of this topic")
        kind, trace = headers["ce_type"].decode(), _trace_of(headers.get("traceparent"))
        return Message(subject, source, seq, kind, record.value or b"", trace, partition, place)
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        return _garbled(record, prefix, place, f"{type(error).__name__}: {error}")


@cache
def _source_of(topic: str, prefix: str) -> tuple[str, bytes]:
    """Who speaks on a topic, and as what."""
    for source in SOURCES:
        if topic == prefix + topic_of(source):
            return source, f"/{source}".encode()
    raise ValueError(f"nobody speaks on {topic}")


def _trace_of(header: bytes | None) -> str:
    """A trace that is none, of 55 characters, is no reason to hold an event."""
    if header is None or len(header) != 55 or not header.isascii():
        return ""
    trace = header.decode()
    return trace if trace.isprintable() else ""


def _garbled(record: Record, prefix: str, place: str, why: str) -> Message:
    source = record.topic.removeprefix(prefix).partition(".")[0]
    return Message(
        subject=str(uuid.uuid5(uuid.NAMESPACE_URL, place)),
        source=source if source in SOURCES else SOURCES[0],
        seq=0,
        type="",
        body=record.value or b"",
        partition=record.partition,
        place=place,
        garbled=why,
    )


@dataclass(slots=True)
class MemoryBus:
    """A bus in one process for tests: topics of eight partitions, one reader."""

    topics: dict[str, list[list[Written]]] = field(
        default_factory=lambda: defaultdict(lambda: [[] for _ in range(PARTITIONS)])
    )
    reads: Iterable[str] = ()
    offsets: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    committed: dict[Place, int] = field(default_factory=lambda: defaultdict(int))

    async def poll(self) -> list[Record]:
        """All that is new."""
        found: list[Record] = []
        for topic in self.reads:
            for partition, log in enumerate(self.topics[topic]):
                found += log[self.offsets[topic, partition] :]
                self.offsets[topic, partition] = len(log)
        return found

    async def say(self, facts: Sequence[tuple[Fact, int | None]]) -> None:
        """Append to the logs."""
        for fact, partition in facts:
            self.append(topic_of(fact.source), fact.subject, fact.body, dict(headers_of(fact)), partition)

    def append(
        self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes], partition: int | None = None
    ) -> None:
        """One record, as a producer of any kind would write it."""
        place = partition_of(key) if partition is None else partition
        log = self.topics[topic][place]
        log.append(Written(topic, place, len(log), key.encode(), value, list(headers.items())))

    async def commit(self, ends: Ends) -> None:
        """Remember the offsets."""
        self.committed |= ends

    def rewind(self) -> None:
        """Read again from what was committed, as after a crash."""
        self.offsets.clear()
        self.offsets.update(self.committed)
