"""Piles: records sorted into buckets by key, so that what belongs together meets in bounded memory.

A topic is in no order, and a million keys are too many for one dictionary. Records are kept as bytes; beyond some
megabytes they go to files, and each bucket is then looked at alone, a large one in parts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

BUCKETS = 128
IN_MEMORY = 8 * 1024 * 1024
"""Bytes of a pile that are held before they are written out."""
AT_ONCE = 1024 * 1024
"""Bytes that are read as records at a time; as records they are ten times that."""
_LENGTH, _FINER = 3, 2
"""Bytes before each record: how long it is; of its key's hash, what the bucket's number does not tell."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


class Pile:
    """Records by key; `each` gives some after the other, all records of a key together."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._held = [bytearray() for _ in range(BUCKETS)]
        self._bytes = 0
        self.count = 0

    def add(self, key: bytes, record: tuple[Any, ...]) -> None:
        """Put a record where others of its key are."""
        body, place = _encode(record), zlib.crc32(key)
        _put(self._held[place % BUCKETS], place // BUCKETS % 2 ** (8 * _FINER), body)
        self._bytes += len(body) + _LENGTH + _FINER
        self.count += 1
        if self._bytes > IN_MEMORY:
            self.spill()

    def spill(self) -> None:
        """Write out what is held."""
        for number, held in enumerate(self._held):
            if held:
                with self._path(number).open("ab") as file:
                    file.write(held)
                held.clear()
        self._bytes = 0

    def each(self) -> Iterator[list[tuple[Any, ...]]]:
        """The records, bucket by bucket; of a large one, part by part."""
        for number, held in enumerate(self._held):
            path = self._path(number)
            written = path.read_bytes() if path.exists() else b""
            for part in _parts(memoryview(written + bytes(held))):
                yield [_decode(body) for _, body in _records(memoryview(part))]

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number}"


def _parts(held: memoryview) -> Iterator[memoryview | bytearray]:
    """A bucket as it is, or sorted into so many parts that none is large."""
    count = len(held) // AT_ONCE + 1
    if count == 1:
        yield held
        return
    parts = [bytearray() for _ in range(count)]
    for finer, body in _records(held):
        _put(parts[finer % count], finer, body)
    yield from parts


def _put(held: bytearray, finer: int, body: bytes | memoryview) -> None:
    held += len(body).to_bytes(_LENGTH, "big")
    held += finer.to_bytes(_FINER, "big")
    held += body


def _records(held: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Each record's finer hash and bytes."""
    at = 0
    while at < len(held):
        middle = at + _LENGTH
        start = middle + _FINER
        length = int.from_bytes(held[at:middle], "big")
        finer = int.from_bytes(held[middle:start], "big")
        at = start + length
        yield finer, held[start:at]
