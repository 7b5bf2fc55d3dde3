"""Clients: who asks from outside, whichever replica answers, and asks again when the line breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from shared.kernel.refusal import Refusal

if TYPE_CHECKING:
    from tests.simulation.replica import Replica
    from tests.simulation.world import World

T = TypeVar("T")
LOST = (ConnectionError, TimeoutError)


class Client:
    """Somebody outside: asks, and asks again when the line breaks."""

    def __init__(self, world: World) -> None:
        self.world, self.random = world, world.random

    async def rest(self) -> None:
        """A while, on the clients' own clock."""
        await asyncio.sleep(self.random.choice((0.01, 0.1, 1.0)))

    async def ask(self, service: str, act: Callable[[Replica], Awaitable[T]]) -> T:
        """Until there is an answer; whether an unanswered request was carried out is unknown."""
        while True:
            replica = self.random.choice(self.world.replicas[service])
            try:
                return await replica.ask(partial(act, replica))
            except LOST:
                await self.rest()
            except Refusal as refusal:
                if refusal.status != 503:
                    raise
                await self.rest()

    async def try_once(self, service: str, act: Callable[[Replica], Awaitable[T]]) -> T | None:
        """One answer, or none; a refusal is an answer."""
        replica = self.random.choice(self.world.replicas[service])
        try:
            return await replica.ask(lambda: act(replica))
        except LOST:
            return None
        except Refusal as refusal:
            self.world.hazards.note("refused", service, refusal.code, refusal.detail)
            return None
