"""Topics: every event is a stored fact, every fact an event, and their bytes are the same.

Facts and records are kept as digests in one pile, by subject: a record on a topic is in no order. What a group has
passed is compared with what its service has applied.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from audit.breach import Breach
from audit.dossier import Dossier
from audit.folds import Read
from audit.hearing import EARS
from audit.piles import Pile
from shared.contracts.topics import PARTITIONS, SOURCES, topic_of
from shared.kernel.ids import is_uuid

FACT, EVENT, BEHIND = 0, 1, 2
EDGE = timedelta(hours=1)
"""Beside the beginning of a topic that has lost its oldest records, nothing is said of an hour's facts."""
Key = tuple[int, str, int]
"""Source (its place), subject, seq."""


class Record(NamedTuple):
    """One record, as the broker gives it."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Marks:
    """Where topics begin, and how far groups are."""

    begins: dict[tuple[str, int], datetime] = field(default_factory=dict)
    """By source and partition, where the oldest records are gone: the moment of the first that is left."""
    committed: dict[str, dict[tuple[str, int], int]] = field(default_factory=dict)
    """By service: by source and partition."""


class Topics:
    """Facts and records, piled up by subject."""

    def __init__(self, pile: Pile, forged: Collection[str] = ()) -> None:
        self._pile, self._forged = pile, forged
        self.marks = Marks()
        self._strange: list[Breach] = []
        self._records = self._repeats = self._before = self._odd = 0

    # --- in ---

    def hear(self, source: str, record: Record) -> None:
        """One record of a source's topic."""
        self._records += 1
        try:
            subject, seq, kind = _envelope(source, record)
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            self._strange_record(source, record, f"it cannot be read: {error}")
            return
        key = (record.key or b"").decode(errors="replace")
        if key != subject or record.partition != partition_of(subject):
            self._strange_record(source, record, f"an event of {subject} with key {key!r}")
        digest = digest_of(kind, record.value or b"")
        place = (record.partition, record.offset)
        self._add(EVENT, source, subject, seq, digest, place)

    def _strange_record(self, source: str, record: Record, why: str) -> None:
        place = f"{topic_of(source)}/{record.partition}/{record.offset}"
        named = str(uuid.uuid5(uuid.NAMESPACE_URL, place))
        if named not in self._forged and _subject_in(record) not in self._forged:
            self._odd += 1
            if self._odd <= 1000:
                self._strange.append(Breach("records-lie-in-their-partition", (place,), why[:500]))

    def reads(self) -> Sequence[Read]:
        """None."""
        return ()

    def take(self, of: Dossier) -> None:
        """A subject's facts, and who has not heard them."""
        for service, facts in of.said.items():
            unsaid = {row.seq for row in of.of(service, "outbox")}
            for fact in facts:
                said = 0 if fact.seq in unsaid else int(fact.recorded_at.timestamp() * 1000)
                self._add(FACT, service, fact.subject, fact.seq, digest_of(fact.type, fact.body), said)
        for reader, source in EARS:
            for seq in range(of.heard(reader, source) + 1, len(of.facts(source)) + 1):
                self._add_behind(of, reader, source, seq)

    def _add(self, kind: int, source: str, *what: Any) -> None:
        self._pile.add(what[0].encode(), (kind, SOURCES.index(source), *what))

    def _add_behind(self, of: Dossier, reader: str, source: str, seq: int) -> None:
        if not any(row.source == source and row.seq == seq for row in of.of(reader, "waiting")):
            self._add(BEHIND, source, of.subject, seq, reader, 0)

    # --- out ---

    def breaches(self) -> Iterator[Breach]:
        """Bucket by bucket."""
        yield from self._strange
        for records in self._pile.each():
            facts: dict[Key, tuple[bytes, int]] = {}
            events: dict[Key, tuple[bytes, tuple[int, int]]] = {}
            behind: list[tuple[Key, str]] = []
            for kind, source, subject, seq, what, more in records:
                key = source, subject, seq
                if subject in self._forged:
                    continue
                if kind == FACT:
                    facts[key] = what, more
                elif kind == BEHIND:
                    behind.append((key, what))
                else:
                    yield from self._event(events, key, what, more)
            yield from self._compare(facts, events)
            yield from self._passed(events, behind)

    def _event(
        self,
        events: dict[Key, tuple[bytes, tuple[int, int]]],
        key: Key,
        digest: bytes,
        place: tuple[int, int],
    ) -> Iterator[Breach]:
        first = events.setdefault(key, (digest, place))
        if first[1] == place:
            return
        self._repeats += 1
        if first[0] != digest:
            what = f"{_name(key)} has other bytes at {_place(key, place)} than at {_place(key, first[1])}"
            yield Breach("one-payload-an-event", (key[1],), what)

    def _compare(
        self, facts: Mapping[Key, tuple[bytes, int]], events: Mapping[Key, tuple[bytes, tuple[int, int]]]
    ) -> Iterator[Breach]:
        for key, (digest, said) in facts.items():
            event = events.get(key)
            if event is None:
                if said and not self._is_too_old(key, said):
                    yield Breach("every-fact-is-on-its-topic", (key[1],), f"{_name(key)} is on no topic")
            elif event[0] != digest:
                what = f"{_name(key)} has other bytes at {_place(key, event[1])} than its fact"
                yield Breach("one-payload-an-event", (key[1],), what)
        for key in events.keys() - facts.keys():
            what = f"{_name(key)} at {_place(key, events[key][1])} is no fact of its speaker"
            yield Breach("every-event-has-its-fact", (key[1],), what)

    def _is_too_old(self, key: Key, said: int) -> bool:
        begins = self.marks.begins.get((SOURCES[key[0]], partition_of(key[1])))
        is_old = begins is not None and datetime.fromtimestamp(said / 1000, UTC) < begins + EDGE
        self._before += is_old
        return is_old

    def _passed(
        self, events: Mapping[Key, tuple[bytes, tuple[int, int]]], behind: Sequence[tuple[Key, str]]
    ) -> Iterator[Breach]:
        for key, reader in behind:
            if key in events:
                partition, offset = events[key][1]
                done = self.marks.committed.get(reader, {}).get((SOURCES[key[0]], partition), 0)
                if offset < done:
                    what = (
                        f"{reader}'s group has passed {_place(key, (partition, offset))}, and not applied it"
                    )
                    yield Breach("offsets-follow-the-state", (key[1],), what)

    def counts(self) -> dict[str, Any]:
        """Records, repeats, and facts that are older than their topic."""
        return {
            "records on topics": self._records,
            "repeats on topics": self._repeats,
            "facts older than their topic": self._before,
        }


def _envelope(source: str, record: Record) -> tuple[str, int, str]:
    """Subject, seq and type; raises where a header is missing or is not of this topic."""
    headers = dict(record.headers)
    subject, _, number = headers["ce_id"].decode().rpartition("/")
    seq = int(number) if len(number) < 11 else 0
    if not (is_uuid(subject) and 0 < seq < 2**31 and headers["ce_source"].decode() == f"/{source}"):
        raise ValueError(f"ce_id {headers['ce_id'][:80]!r}, ce_source {headers['ce_source'][:80]!r}")
    return subject, seq, headers["ce_type"].decode()


def _subject_in(record: Record) -> str:
    return (record.key or b"").decode(errors="replace")


def partition_of(subject: str) -> int:
    """Where records of a subject lie: CRC-32, told here again."""
    return zlib.crc32(subject.encode()) % PARTITIONS


def digest_of(kind: str, body: bytes) -> bytes:
    """Twelve bytes that stand for a type and a body."""
    return hashlib.blake2b(body, digest_size=12, person=kind.encode()[-16:]).digest()


def _name(key: Key) -> str:
    return f"{SOURCES[key[0]]} {key[2]} of {key[1]}"


def _place(key: Key, place: tuple[int, int]) -> str:
    return f"{topic_of(SOURCES[key[0]])}/{place[0]}/{place[1]}"
