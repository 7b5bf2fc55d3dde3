"""Carriers: report the parcels of accepted orders.

Works beside the filing: what the door has accepted and what does arrive is reported to the window by its own carrier,
some hundred at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec

from cli.up.link import Link
from sandbox.arrivals import Arrival, arrivals_of
from sandbox.chance import Chance
from sandbox.importer import Filing
from sandbox.parties import client_of

MOST, PAUSE = 200, 0.5
_encode = msgspec.json.Encoder().encode


class Carriers:
    """The carriers of a run."""

    def __init__(self, link: Link, chance: Chance) -> None:
        self._link, self._chance = link, chance
        self._due: dict[str, list[Arrival]] = {}

    def expect(self, filings: Iterable[Filing]) -> None:
        """These are declared: report those of them that arrive."""
        for carrier, arrival in arrivals_of(filings, self._chance, datetime.now(UTC)):
            self._due.setdefault(carrier, []).append(arrival)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Report while something else goes on; at the end, all of it."""
        done = asyncio.Event()
        async with asyncio.TaskGroup() as together:
            together.create_task(self._report_until(done))
            yield
            done.set()

    async def _report_until(self, done: asyncio.Event) -> None:
        while not done.is_set() or any(self._due.values()):
            for carrier in list(self._due):
                await self._report(carrier)
            await asyncio.sleep(PAUSE)

    async def _report(self, carrier: str) -> None:
        batch, self._due[carrier] = self._due[carrier][:MOST], self._due[carrier][MOST:]
        if batch:
            await self._link.json(
                client_of(carrier),
                "POST",
                "/v1/consignments/arrivals",
                content=_encode(batch),
                headers={"Content-Type": "application/json"},
            )
