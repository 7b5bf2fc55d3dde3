"""Loops: work that runs beside the requests, with backoff.

A loop's step returns whether there may be more to do at once. An error is logged, remembered for readiness, and
tried again with a growing pause: a service that finds its database or broker away waits for it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from shared.runtime.telemetry import log

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Loop:
    """One repeated step: at once while there is more, else when woken or after a while."""

    def __init__(self, name: str, step: Callable[[], Awaitable[bool]], *, idle: float = 1.0) -> None:
        self.name, self._step, self._idle = name, step, idle
        self._woken = asyncio.Event()
        self._stopping = False
        self.error: BaseException | None = None
        """The last failure, until a step succeeds."""

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def stop(self) -> None:
        """End after the running step."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Until stopped."""
        pause = FIRST_PAUSE
        while not self._stopping:
            self._woken.clear()
            try:
                more = await self._step()
                self.error, pause = None, FIRST_PAUSE
                if not more:
                    await self._rest(self._idle)
            except Exception as error:
                log("loop").warning(
                    "step failed", loop=self.name, error=f"{type(error).__name__}: {error}"[:500]
                )
                self.error = error
                await asyncio.sleep(0 if self._stopping else pause * random.uniform(0.7, 1.3))  # noqa: S311
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
