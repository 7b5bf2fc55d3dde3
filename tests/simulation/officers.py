"""Officers: those who decide what is held, who stop and revoke, and the operator who releases what is parked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.clearance.domain import PlaceHold, RevokePermit
from services.clearance.handlers import on_holds_placed, on_permits_revoked
from shared.kernel.review import DecideReview
from tests.simulation.clients import Client
from tests.support.memory_books import MemoryQueue

if TYPE_CHECKING:
    from tests.simulation.replica import Replica
    from tests.simulation.world import World


class Officer(Client):
    """Claims and decides what waits in one agency's queue, for as long as the schedule lasts."""

    def __init__(self, world: World, service: str) -> None:
        super().__init__(world)
        self.service = service
        self.name = f"officer-{self.random.randrange(2)}"

    async def live(self) -> None:
        """Look, claim, think, decide."""
        while True:
            await self.world.shelves[self.service].rest("reviews")
            await self.rest()
            if queue := sorted(self.world.databases[self.service].tables["reviews"]):
                await self._decide(self.random.choice(queue))

    async def _decide(self, declaration_id: str) -> None:
        async def claim(replica: Replica) -> Any:
            async with replica.database.begin() as connection:
                return await MemoryQueue().claim(connection, declaration_id, self.name)

        review = await self.try_once(self.service, claim)
        if review is None or self.random.random() < 0.2:
            return
        await self.rest()
        order = DecideReview(
            declaration_id=declaration_id,
            version=review.version,
            lease_no=review.lease_no,
            verdict=self.random.choice(("pass", "pass", "pass", "refuse")),
            reason="looked at it",
            officer=self.name,
        )
        self.world.hazards.note("decides", self.service, declaration_id, order.verdict)
        await self.try_once(self.service, lambda replica: replica.commands.run(replica.decide, order))


class Supervisor(Client):
    """A clearance officer who stops declarations and takes permits back."""

    async def live(self) -> None:
        """Once or twice."""
        for _ in range(self.random.choice((1, 2))):
            await asyncio.sleep(self.random.choice((0.05, 0.5, 3.0)))
            cases = sorted(self.world.databases["clearance"].tables["cases"])
            if not cases:
                continue
            case, officer = self.random.choice(cases), "supervisor"
            handler: Any = on_holds_placed
            order: Any = PlaceHold(declaration_id=case, officer=officer, reason="a tip")
            if self.random.random() < 0.5:
                handler = on_permits_revoked
                order = RevokePermit(declaration_id=case, officer=officer, reason="in error")
            await self.try_once("clearance", lambda replica: replica.commands.run(handler, order))  # noqa: B023


class Operator(Client):
    """Releases what is parked."""

    async def release_all(self) -> None:
        """Every parked message is tried again."""
        for service, database in self.world.databases.items():
            for key, row in sorted(database.tables["waiting"].items()):
                if row.state == "parked":
                    await self.ask(service, lambda replica: self._release(replica, key))  # noqa: B023

    async def _release(self, replica: Replica, key: tuple[str, str, int]) -> None:
        """As `operations.release` does: under the head."""
        async with replica.database.begin() as connection:
            await replica.books.lock_heads(connection, [key[0]])
            table = connection.table("waiting")
            if key in table:
                table[key] = replace(table[key], state="early")
                self.world.hazards.note("released", *key)
