"""Probes: when some permits become readable.

A few filings a second are followed by asking for their permit until it is there. The latency counts from the moment
the filing was due to the moment its permit was read; it is never too small, and too large by a tenth at most.
"""

from __future__ import annotations

import asyncio
from collections import deque

from cli.load.ledger import Ledger, note, quantile
from cli.load.purse import Purse
from cli.load.sender import Accepted
from cli.load.wire import Wire

A_SECOND, AT_ONCE = 10, 30
"""Samples a second, and followed at the same time, at most: looking must not be a load of its own."""
FINEST, SHARE = 0.008, 10
"""Seconds between two looks: a tenth of the age, no less than that."""
OLD = 5.0
"""Seconds after which it is asked whether somebody holds the filing."""
GIVE_UP = 300.0
OK = 200


class Probes:
    """The samples of a run."""

    def __init__(self, wire: Wire, purse: Purse, ledger: Ledger) -> None:
        self._wire, self._purse, self._ledger = wire, purse, ledger
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self._next = 0.0
        self._recent: deque[float] = deque(maxlen=100)

    def offer(self, accepted: Accepted) -> None:
        """A filing that may be followed."""
        now = self._loop.time()
        if accepted.kind != "green" or now < self._next or len(self._running) >= AT_ONCE:
            return
        self._next = now + 1 / A_SECOND
        task = self._loop.create_task(self._follow(accepted))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self, patience: float) -> None:
        """Wait for those that are still followed."""
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        for task in self._running:
            task.cancel()

    async def _follow(self, accepted: Accepted) -> None:
        least = quantile(sorted(self._recent), 0.1) or 0.0
        await asyncio.sleep(accepted.due + least * 0.7 - self._loop.time())
        while (age := self._loop.time() - accepted.due) < GIVE_UP:
            if await self._is_readable(f"/v1/declarations/{accepted.declaration_id}/permit", accepted):
                latency = self._loop.time() - accepted.due
                self._recent.append(latency)
                note(self._ledger.permitted, latency)
                return
            if age > OLD and await self._is_held(accepted):
                return
            await asyncio.sleep(max(FINEST, age / SHARE))

    async def _is_readable(self, path: str, accepted: Accepted) -> bool:
        return (await self._wire.ask(self._head(path, accepted))).status == OK

    async def _is_held(self, accepted: Accepted) -> bool:
        """Whether an officer must act first (the lane by chance): no permit will come by itself."""
        answer = await self._wire.ask(self._head(f"/v1/clearance/{accepted.declaration_id}", accepted))
        return b'"due_at":"' in answer.body

    def _head(self, path: str, accepted: Accepted) -> bytes:
        return self._wire.place.head("GET", path, self._purse.authorization(accepted.client_id))
