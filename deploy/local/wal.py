"""WAL: what the database has written of its log does not stay in the system's memory.

Nobody reads it again, bar a recovery and a backup, for which the disk will do. The server itself asks the system to
forget it only where nobody may copy it (`wal_level=minimal`). What is forgotten is where the next rows and the next
log are written to: on a machine whose host takes memory back, a page that is touched anew costs 9 us instead.
"""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

EVERY = 1.0
"""Seconds between two looks: at 2,000 declarations a second two or three segments of 16 MB are filled in it."""
SEGMENT = "[0-9A-F]" * 24


class Segments:
    """The files of the log, and which of them have been written since they were last told to rest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: Mapping[Path, int] = {}
        self._warm: set[Path] = set()

    def resting(self) -> set[Path]:
        """Those that were written, but not since the last look; each is told once."""
        before, self._written = self._written, self._times()
        moved = {segment for segment, at in self._written.items() if at != before.get(segment)}
        resting = self._warm - moved
        self._warm = moved
        return resting

    def _times(self) -> dict[Path, int]:
        times: dict[Path, int] = {}
        for segment in self._folder.glob(SEGMENT):
            with contextlib.suppress(OSError):  # taken away meanwhile
                times[segment] = segment.stat().st_mtime_ns
        return times


async def keep_out_of_memory(folder: Path, every: float = EVERY) -> None:
    """Until it is cancelled, have each segment forgotten once it rests."""
    segments = Segments(folder)
    while True:
        await asyncio.sleep(every)
        for segment in segments.resting():
            forget(segment)


def forget(file: Path) -> None:
    """What is on the disk of a file leaves the system's memory; where that cannot be asked for, nothing changes."""
    with contextlib.suppress(OSError):
        opened = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(opened)
