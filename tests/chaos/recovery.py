"""Recovery: how long after a fault was healed until the window works as before."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from cli.up.link import Link
from tests.chaos.load import AGENT, Load
from tests.chaos.lookout import Lookout
from tests.chaos.parcels import Parcels
from tests.chaos.plan import Strike

PATIENCE = 120.0
FIRST = 10_000_000
"""Numbers of our own parcels begin beyond those of the load."""
SLOWEST = 1.0
"""Seconds between two looks at a filing of ours."""
AFLOAT = 200
"""Records, facts and events that are always under way while filings come."""


@dataclass(slots=True)
class Recovery:
    """Seconds from the healing; none where it did not come in time."""

    permit: float | None = None
    """Until a filing made after it had its permit."""
    caught_up: float | None = None
    """Until every service was ready and no more was under way than ever, in one look."""


async def recovery(strike: Strike, load: Load, link: Link, lookout: Lookout) -> Recovery:
    """Watch both."""
    start = time.monotonic()
    permit, caught_up = await asyncio.gather(
        _within(_permit(strike, load, link), start), _within(lookout.until_at_most(AFLOAT), start)
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
    status, pause = "", 0.1
    while status != "PERMITTED":
        await asyncio.sleep(pause := min(pause * 1.5, SLOWEST))
        answer = await link.call(AGENT, "GET", f"/v1/declarations/{declaration_id}", timeout=10.0)
        status = answer.json().get("status", "")
