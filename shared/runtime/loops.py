"""Loops: work that runs beside the requests, with backoff.

A loop's step returns whether there may be more to do at once. An error is logged, remembered for readiness, and
tried again with a growing pause: a service that finds its database or broker away waits for it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

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
                    await rest(self._woken, self._idle)
            except Exception as error:
                log("loop").warning(
                    "step failed", loop=self.name, error=f"{type(error).__name__}: {error}"[:500]
                )
                self.error = error
                await asyncio.sleep(0 if self._stopping else pause * random.uniform(0.7, 1.3))  # noqa: S311
                pause = min(pause * 2, LONGEST_PAUSE)


class Errand:
    """Work that is begun when there is some, unless it is under way already."""

    def __init__(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._run = run
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """There is something to do."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Wait for what is under way."""
        if self._task is not None:
            await self._task


async def rest(woken: asyncio.Event, seconds: float) -> None:
    """Until woken, or for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()
