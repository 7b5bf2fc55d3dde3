"""Piles: records sorted into buckets by key, so that what belongs together meets in bounded memory.

A topic is in no order, and a million keys are too many for one dictionary. Records are kept as bytes; beyond some
megabytes they go to files, and each bucket is then looked at alone.
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
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


class Pile:
    """Records by key; `each` gives one bucket after the other, all records of a key in the same one."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._held = [bytearray() for _ in range(BUCKETS)]
        self._bytes = 0
        self.count = 0

    def add(self, key: bytes, record: tuple[Any, ...]) -> None:
        """Put a record where others of its key are."""
        body = _encode(record)
        held = self._held[zlib.crc32(key) % BUCKETS]
        held += len(body).to_bytes(3, "big")
        held += body
        self._bytes += len(body) + 3
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
        """The records, bucket by bucket."""
        for number, held in enumerate(self._held):
            path = self._path(number)
            written = path.read_bytes() if path.exists() else b""
            yield list(_records(memoryview(written + bytes(held))))

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number}"


def _records(held: memoryview) -> Iterator[tuple[Any, ...]]:
    at = 0
    while at < len(held):
        start = at + 3
        at = start + int.from_bytes(held[start - 3 : start], "big")
        yield _decode(held[start:at])
