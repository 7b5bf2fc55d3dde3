"""Seeded loop: an event loop whose every choice comes from one seed.

Whatever could run next, one is drawn; time is a number that leaps to the next moment somebody waits for when nobody
can run. So a seed is a schedule, and the same seed is the same schedule.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from random import Random
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")


class Process:
    """What dies together: one life of a replica."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tasks: list[asyncio.Task[Any]] = []
        self.is_dead = False
        self.frozen_until = 0
        """The step before which it does not run."""
        self.is_doomed = False
        """It ends as soon as it has committed something."""

    def kill(self) -> None:
        """As SIGKILL: nothing of it runs on; what it awaited never comes back."""
        self.is_dead = True
        for task in self.tasks:
            task.cancel()


OUTSIDE = Process("world")
PROCESS: ContextVar[Process] = ContextVar("process", default=OUTSIDE)


class SeededLoop(asyncio.AbstractEventLoop):
    """Runs one of what is ready at a time, drawn by the seed; only what asyncio's tasks need of a loop."""

    def __init__(self, random: Random) -> None:
        self._random = random.random
        self._ready: list[asyncio.Handle] = []
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._count = 0
        self._now = 0.0
        self.steps = 0
        self.errors: list[str] = []

    # --- what asyncio asks of a loop ---

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def time(self) -> float:
        return self._now

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[T]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        process = (context or copy_context()).get(PROCESS, OUTSIDE)
        process.tasks.append(task)
        if process.is_dead:
            task.cancel()
        return task

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._count += 1
        heapq.heappush(self._later, (when, self._count, handle))
        return handle

    def _timer_handle_cancelled(self, _handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.errors.append(f"{context.get('message')}: {context.get('exception')!r}")

    # --- what a schedule does ---

    def start(self, process: Process, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task of a process."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return self.create_task(work, context=context)

    def next_moment(self) -> float | None:
        """When somebody wants to run: now, later, or never."""
        if self._ready:
            return self._now
        while self._later and self._later[0][2].cancelled():
            heapq.heappop(self._later)
        return self._later[0][0] if self._later else None

    def leap(self, seconds: float) -> None:
        """Time passes, whoever is ready."""
        self._reach(self._now + seconds)

    def _reach(self, moment: float) -> None:
        self._now = moment
        while self._later and self._later[0][0] <= self._now:
            self._ready.append(heapq.heappop(self._later)[2])

    def step(self) -> bool:
        """Run one of what is ready; whether there was any, now or later."""
        moment = self.next_moment()
        if moment is None:
            return False
        if moment > self._now:
            self._reach(moment)
        self.steps += 1
        handle = self._draw()
        if not handle.cancelled():
            handle._run()
        return True

    def _draw(self) -> asyncio.Handle:
        ready = self._ready
        for _ in range(4):
            place = int(self._random() * len(ready))
            process = ready[place]._context.get(PROCESS, OUTSIDE)  # type: ignore[attr-defined]
            if process.frozen_until <= self.steps or process.is_dead:
                break
        ready[place], ready[-1] = ready[-1], ready[place]
        return ready.pop()

    def __enter__(self) -> SeededLoop:
        asyncio._set_running_loop(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio._set_running_loop(None)


class Turn:
    """`await Turn()`: let the loop draw anew."""

    def __await__(self) -> Any:
        yield
