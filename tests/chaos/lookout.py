"""Lookout: how far the window is behind, looked at once for all who want to know.

Many recoveries may wait at the same moment. Were each to ask all services by itself, those who wait for a slow
window would make it, and the campaign, slower still.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import httpx

from tests.chaos.ready import behind

PAUSE = 0.5
"""Seconds between two looks."""


class Lookout:
    """The last look, and who waits for the next."""

    def __init__(self, addresses: Callable[[], Sequence[str]]) -> None:
        self._addresses, self._news = addresses, asyncio.Condition()
        self._begun, self._found = 0.0, None  # type: float, int | None

    async def watch(self) -> None:
        """For ever."""
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                begun = time.monotonic()
                found = await behind(client, self._addresses())
                async with self._news:
                    self._begun, self._found = begun, found
                    self._news.notify_all()
                await asyncio.sleep(PAUSE)

    async def until_at_most(self, count: int) -> None:
        """Until a look that begins from now on finds everybody ready, and no more under way than so much."""
        asked = time.monotonic()
        async with self._news:
            await self._news.wait_for(lambda: self._begun >= asked and self._is_at_most(count))

    def _is_at_most(self, count: int) -> bool:
        return self._found is not None and self._found <= count
