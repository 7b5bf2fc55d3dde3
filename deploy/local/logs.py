"""Logs: a file a program, of a bounded size; one old one is kept beside it."""

import asyncio
import contextlib
import os
import shutil
from pathlib import Path

LONGEST = 16 * 1024 * 1024
EVERY = 20.0
"""Seconds between two looks."""


def fresh(file: Path) -> Path:
    """The file that a program begins to write to."""
    if file.exists() and file.stat().st_size > LONGEST:
        file.replace(_old(file))
    return file


async def keep_small(folder: Path, every: float = EVERY) -> None:
    """Until it is cancelled, empty what has grown too large.

    A program holds its file open and appends to it: so what is there is copied, and the file emptied under its hands.
    What it writes in that moment is lost.
    """
    while True:
        await asyncio.sleep(every)
        await asyncio.to_thread(_empty_large, folder)


def _empty_large(folder: Path) -> None:
    for file in folder.glob("*.log"):
        with contextlib.suppress(OSError):  # full, or gone: the next look comes
            if file.stat().st_size > LONGEST:
                shutil.copyfile(file, _old(file))
                os.truncate(file, 0)


def _old(file: Path) -> Path:
    return file.with_suffix(".log.1")
