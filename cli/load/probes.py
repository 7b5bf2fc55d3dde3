"""Probes: when some permits become readable.

A few filings a second are followed by asking for their permit until it is there. Which ones is said by when they were
due, not by when they were taken in: a stall is seen for as long as it lasts. The latency counts from the moment the
filing was due to the moment its permit was read, or to the end of the run. It is too large by a tenth at most, by a
third where permits have just become quicker, or by a second or two after slower ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from cli.load.ledger import Ledger, note
from cli.load.purse import Purse
from cli.load.sender import Accepted
from cli.load.wire import Wire

A_SECOND, AT_ONCE = 10, 30
"""Samples a second, and asked for at the same time, at most: looking must not be a load of its own. Others wait until
one of those before them is read."""
FINEST, SHARE, SCOUTS_SHARE = 0.008, 10, 3
"""Seconds between two looks: a tenth of the age, no less than that; a scout's a third while the others rest yet."""
SCOUT, LATELY, SHORTLY = 5, 20, 0.8
"""One in so many is looked for from the start, the others from a part of what the quickest of so many before took."""
OLD = 5.0
"""Seconds after which it is asked whether somebody holds the filing."""
GIVE_UP = 300.0
OK = 200


class Probes:
    """The samples of a run."""

    def __init__(self, wire: Wire, purse: Purse, ledger: Ledger) -> None:
        self._wire, self._purse, self._ledger = wire, purse, ledger
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Accepted] = deque()
        self._followed: dict[asyncio.Task[None], Accepted] = {}
        self._sampled: set[int] = set()
        self._recent: deque[float] = deque(maxlen=LATELY)

    def offer(self, accepted: Accepted) -> None:
        """A filing that may be followed: the first of its moment that is taken in."""
        moment = int(accepted.due * A_SECOND)
        if accepted.kind == "green" and moment not in self._sampled:
            self._sampled.add(moment)
            self._waiting.append(accepted)
            self._go_on()

    def _go_on(self) -> None:
        while self._waiting and len(self._followed) < AT_ONCE:
            accepted = self._waiting.popleft()
            task = self._loop.create_task(self._follow(accepted))
            self._followed[task] = accepted
            task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        del self._followed[task]
        self._go_on()

    async def finish(self, patience: float) -> None:
        """Wait for those that are still followed; what has no permit by then and is not held counts with its age."""
        end = self._loop.time() + patience
        while self._followed and (left := end - self._loop.time()) > 0:
            await asyncio.wait(self._followed, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        unread = (*self._followed.values(), *self._waiting)
        self._waiting.clear()
        for task in self._followed:
            task.cancel()
        now = self._loop.time()
        held = await self._held_of(unread, patience)
        for accepted in unread:
            if accepted not in held:
                note(self._ledger.permitted, now - accepted.due)

    async def _held_of(self, unread: Sequence[Accepted], patience: float) -> set[Accepted]:
        """Those that somebody holds, as far as the window says so in time: it may be away."""
        held: set[Accepted] = set()
        left = iter(unread)

        async def ask() -> None:
            for accepted in left:
                if await self._is_held(accepted):
                    held.add(accepted)

        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(ask() for _ in range(AT_ONCE))), patience)
        return held

    async def _follow(self, accepted: Accepted) -> None:
        is_scout = int(accepted.due * A_SECOND) % SCOUT == 0
        soonest = min(self._recent, default=0.0) * SHORTLY
        await asyncio.sleep(accepted.due + (0 if is_scout else soonest) - self._loop.time())
        while (age := self._loop.time() - accepted.due) < GIVE_UP:
            if await self._is_readable(f"/v1/declarations/{accepted.declaration_id}/permit", accepted):
                age = self._loop.time() - accepted.due
                self._recent.append(age)
                break
            if age > OLD and await self._is_held(accepted):
                return
            await asyncio.sleep(max(FINEST, age / (SCOUTS_SHARE if is_scout and age < soonest else SHARE)))
        note(self._ledger.permitted, age)

    async def _is_readable(self, path: str, accepted: Accepted) -> bool:
        return (await self._wire.ask(self._head(path, accepted))).status == OK

    async def _is_held(self, accepted: Accepted) -> bool:
        """Whether an officer must act first (the lane by chance): no permit will come by itself."""
        answer = await self._wire.ask(self._head(f"/v1/clearance/{accepted.declaration_id}", accepted))
        return b'"due_at":"' in answer.body

    def _head(self, path: str, accepted: Accepted) -> bytes:
        return self._wire.place.head("GET", path, self._purse.authorization(accepted.client_id))
