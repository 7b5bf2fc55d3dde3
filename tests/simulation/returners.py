"""Returners: buyers who send released goods back, and the carrier that brings them to their site, or not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from services.declaration.requests import Wanted
from services.declaration.returns import RequestReturn, on_returns_requested
from services.logistics.restoring import on_returns_reported
from services.logistics.returns import AwaitedReturn, ReportReturn
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import DeclarationId
from tests.simulation.clients import Client
from tests.simulation.filings import fresh_id
from tests.simulation.rooms import CARRIER

if TYPE_CHECKING:
    from tests.simulation.world import World


class Returner(Client):
    """Asks to return some of whatever is there, and reports some of it back."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.wishes = self.random.choice((1, 3, 6))

    async def live(self) -> None:
        """A few times, long enough for what is asked for to be admitted."""
        for _ in range(self.wishes):
            await asyncio.sleep(self.random.choice((0.1, 1.0, 4.0)))
            released = sorted(subject for subject, _, end in self._declared("outcomes") if end == "PERMITTED")
            if released:
                await self._ask(DeclarationId(self.random.choice(released)))
            await self.rest()
            await self._bring()
        for _ in range(self.wishes):
            await asyncio.sleep(self.random.choice((0.5, 2.0)))
            await self._bring()

    def _declared(self, table: str) -> list[tuple[str, int, str]]:
        return list(self.world.databases["declaration"].tables[table])

    async def _ask(self, declaration_id: DeclarationId) -> None:
        quantity = Decimal(self.random.choice((1, 1, 2, 3)))
        wanted = Wanted(
            request_id=fresh_id(self.random, 800),
            kind="return",
            based_on_version=0,
            party="SELLER0001",
            reason="it is too small",
            lines=(ReturnedLine(line_no=1, quantity=quantity),),
        )
        command = RequestReturn(declaration_id=declaration_id, wanted=wanted)
        if await self.try_once("declaration", lambda r: r.commands.run(on_returns_requested, command)):
            self.world.requested[wanted.request_id] = declaration_id

    async def _bring(self) -> None:
        """One of those that logistics knows, awaited or not any more; half of them twice."""
        known: list[AwaitedReturn] = list(self.world.databases["logistics"].tables["awaited"].values())
        if not known or self.random.random() < 0.3:
            return
        back = self.random.choice(known)
        order = ReportReturn(
            declaration_id=back.declaration_id,
            carrier=CARRIER,
            waybill_no=back.waybill_no,
            request_id=back.request_id,
            arrived_at=max(
                self.world.databases["logistics"].clock() - timedelta(minutes=1), back.released_at
            ),
            site="PVG-T2",
            packages=1,
            gross_weight=Decimal("0.6"),
        )
        for _ in range(self.random.choice((1, 2))):
            await self.try_once("logistics", lambda r: r.commands.run(on_returns_reported, order))
