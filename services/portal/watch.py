"""Watching: one poll a second for all viewers.

A subject (the live picture, one declaration) is asked for once a second while at least one viewer watches it, however
many they are; without a viewer nothing is asked. The number of viewers is bounded, and all end when the hub closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any

from shared.kernel.refusal import Refusal

HEARTBEAT = 15.0
"""Seconds after which a viewer gets a sign of life."""


Poll = Callable[["Subject"], Awaitable[Any]]


class Subject:
    """What some viewers watch: its latest state, and how often it was asked for."""

    def __init__(self, poll: Poll, pause: float) -> None:
        self.viewers = 0
        self.token = ""
        """Whose eyes it is seen with: the token of who came last, or of who stays when that one is refused."""
        self.turn = 0
        self.latest: Any = None
        self.closed = False
        self._poll, self._pause = poll, pause
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start asking, with the first viewer."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def end(self) -> None:
        """Stop asking; whoever still waits is woken."""
        self.closed = True
        if self._task is not None:
            self._task.cancel()
        self._news.set()

    async def _run(self) -> None:
        while True:
            self.latest = await self._poll(self)
            self.turn += 1
            self._news.set()
            self._news = asyncio.Event()
            await asyncio.sleep(self._pause)

    async def after(self, turn: int, timeout: float = HEARTBEAT) -> bool:
        """Wait for a state newer than a turn; False when the time is over or the subject ended."""
        if self.turn <= turn and not self.closed:
            try:
                await asyncio.wait_for(self._news.wait(), timeout)
            except TimeoutError:
                return False
        return self.turn > turn and not self.closed


class Hub:
    """Every subject that is watched now."""

    def __init__(self, *, limit: int, pause: float = 1.0) -> None:
        self.closed = False
        self._limit, self._pause = limit, pause
        self._viewers = 0
        self._subjects: dict[Hashable, Subject] = {}

    def make_room(self) -> None:
        """Refuse one viewer too many."""
        if self.closed or self._viewers >= self._limit:
            raise Refusal(
                "E-LIMIT-STREAMS",
                f"{self._limit} streams are open, which is as many as this replica serves",
                status=429,
                rule="make_room",
                fix="try again in some seconds, or ask for the document itself now and then",
                headers={"Retry-After": "10"},
            )

    @asynccontextmanager
    async def watch(self, key: Hashable, poll: Poll, token: str = "") -> AsyncIterator[Subject]:
        """Watch a subject; the first viewer's poll serves all who come while it is watched."""
        self.make_room()
        subject = self._subjects.get(key)
        if subject is None:
            subject = self._subjects[key] = Subject(poll, self._pause)
        self._viewers += 1
        subject.viewers += 1
        subject.token = token
        subject.begin()
        try:
            yield subject
        finally:
            self._viewers -= 1
            subject.viewers -= 1
            if not subject.viewers:
                subject.end()
                if self._subjects.get(key) is subject:
                    del self._subjects[key]

    def close(self) -> None:
        """End every stream; nobody comes in any more."""
        self.closed = True
        for subject in list(self._subjects.values()):
            subject.end()
