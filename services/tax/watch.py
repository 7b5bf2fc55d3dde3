"""Watch: a folder of law that changes under a running service.

Every few seconds the files' names, sizes and times are compared; where they differ the folder is read whole. A
broken one is refused with its line: the law before stays in force, `/v1/law` and the log say why.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.tax.law import force
from services.tax.law.calendar import BrokenLaw
from shared.runtime.loops import Loop
from shared.runtime.telemetry import log

Seen = tuple[tuple[str, int, int], ...]


class LawWatch:
    """Follows one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = seen_in(folder)
        self._loop = Loop("law", self.look, idle=3.0)
        self._task: asyncio.Task[None] | None = None

    async def open(self, _replica: Any) -> None:
        """Begin to watch."""
        self._task = self._task or asyncio.create_task(self._loop.run())

    async def close(self, _replica: Any) -> None:
        """End."""
        self._loop.stop()
        if self._task is not None:
            await self._task

    async def look(self) -> bool:
        """Take the folder if it is another than it was when last looked at."""
        seen = seen_in(self.folder)
        if seen != self._seen:
            self._seen = seen
            try:
                taken = await asyncio.to_thread(force.take, self.folder, datetime.now(UTC))
                log("law").info("law taken", digest=taken.digest)
            except BrokenLaw as broken:
                log("law").error("law refused, the one before stays in force", reason=str(broken))
        return False


def seen_in(folder: Path) -> Seen:
    """What identifies the files of a folder as they are."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files)
