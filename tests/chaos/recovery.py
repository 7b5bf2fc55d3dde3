"""Recovery: how long after a fault was healed until the window works as before."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from cli.up.link import Link
from tests.chaos.load import AGENT, Load
from tests.chaos.parcels import Parcels
from tests.chaos.plan import Strike
from tests.chaos.ready import behind

PATIENCE = 120.0
FIRST = 10_000_000
"""Numbers of our own parcels begin beyond those of the load."""
AFLOAT = 200
"""Records, facts and events that are always under way while filings come."""


@dataclass(slots=True)
class Recovery:
    """Seconds from the healing; none where it did not come in time."""

    permit: float | None = None
    """Until a filing made after it had its permit."""
    caught_up: float | None = None
    """Until every service was ready and no more was under way than ever, in one look."""


async def recovery(strike: Strike, load: Load, link: Link, addresses: list[str]) -> Recovery:
    """Watch both."""
    start = time.monotonic()
    permit, caught_up = await asyncio.gather(
        _within(_permit(strike, load, link), start), _within(_caught_up(addresses), start)
    )
    return Recovery(permit=permit, caught_up=caught_up)


async def _within(work: object, start: float) -> float | None:
    try:
        await asyncio.wait_for(work, PATIENCE)  # type: ignore[arg-type]
    except TimeoutError:
        return None
    return round(time.monotonic() - start, 1)


async def _permit(strike: Strike, load: Load, link: Link) -> None:
    """A filing of our own, until it is permitted."""
    own = strike.chance
    parcel = Parcels(strike.seed, first=FIRST + strike.number).one()
    declaration_id = await load.file(parcel, parcel.order.order_no, own)
    status = ""
    while status != "PERMITTED":
        await asyncio.sleep(0.2)
        answer = await link.call(AGENT, "GET", f"/v1/declarations/{declaration_id}", timeout=10.0)
        status = answer.json().get("status", "")


async def _caught_up(addresses: list[str]) -> None:
    while (found := await behind(addresses)) is None or found > AFLOAT:
        await asyncio.sleep(0.3)
