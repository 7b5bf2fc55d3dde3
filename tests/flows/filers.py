"""Filers: sellers that send batches and send them again until each line is acknowledged.

A lost answer, a 429 or a 5xx is no answer: the same lines go out again, unchanged. So an id that was acknowledged
twice for one line, or for two, shows.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

import httpx
import msgspec

from tests.flows.window import Window
from tests.load.filings import filings

_runs = count(1)
CLIENTS = ("agent00001", "seller0001", "platform01")


class Filers:
    """Some hundreds of filings, in batches, and which ids each was acknowledged under."""

    def __init__(self, window: Window, *, batches: int = 12, size: int = 30) -> None:
        self._window = window
        run = next(_runs)
        lines = filings(run, datetime.now(UTC), f"F{run}")
        self._todo = [list(islice(lines, size)) for _ in range(batches)]
        self.acknowledged: dict[bytes, set[str]] = defaultdict(set)
        self.again = 0
        """Batches sent once more for want of an answer."""
        self.refused: list[Any] = []

    @property
    def ids(self) -> list[str]:
        """The declarations acknowledged; of a line that has two, both."""
        return [each for ids in self.acknowledged.values() for each in ids]

    async def run(self, *, twice: bool = True, seconds: float = 90.0) -> None:
        """Send everything, by three sellers at once; `twice`: every batch once more after its acknowledgement."""
        end = time.monotonic() + seconds
        todo = iter(self._todo)
        await asyncio.gather(*(self._send_all(who, todo, twice, end) for who in CLIENTS))

    async def wait_for(self, part: float, *, seconds: float = 60.0) -> None:
        """Until a part of all lines is acknowledged."""
        wanted = part * sum(map(len, self._todo))
        async with asyncio.timeout(seconds):
            while len(self.acknowledged) < wanted:
                await asyncio.sleep(0.005)

    async def _send_all(self, who: str, todo: Iterator[Sequence[bytes]], twice: bool, end: float) -> None:
        for batch in todo:
            for _ in range(2 if twice else 1):
                await self._send(who, batch, end)

    async def _send(self, who: str, batch: Sequence[bytes], end: float) -> None:
        open_lines = list(batch)
        while open_lines:
            answers = await self._post(who, open_lines)
            for line, answer in zip(list(open_lines), answers, strict=False):
                if answer["status"] == 202:
                    self.acknowledged[line].add(answer["declaration_id"])
                    open_lines.remove(line)
                elif answer["status"] not in (429, 503):
                    self.refused.append(answer)
                    open_lines.remove(line)
            if open_lines:
                assert time.monotonic() < end, f"{len(open_lines)} lines were never acknowledged"
                self.again += 1
                await asyncio.sleep(0.2)

    async def _post(self, who: str, lines: Sequence[bytes]) -> list[Any]:
        try:
            answer = await self._window.post("/v1/declarations/batch", who, content=b"\n".join(lines))
        except httpx.HTTPError:
            return []
        if answer.status_code != 200:
            assert answer.status_code in (429, 502, 503, 504), answer.text
            return []
        return [msgspec.json.decode(line) for line in answer.content.splitlines()]
