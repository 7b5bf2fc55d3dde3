"""Baseline's processes: `python -m tests.load.baseline.serve tax`, and the door by its own name.

What each needs comes by the environment: DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS, KAFKA_COMPRESSION, BASELINE_PREFIX,
BASELINE_FORM (message or batch), PORT for the door.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import uvicorn
import uvloop
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import Event
from tests.load.baseline import bus, clearance, door, logistics, quarantine, tax
from tests.load.baseline.tables import open_sessions

AGENCIES: dict[str, Any] = {
    "tax": tax,
    "quarantine": quarantine,
    "logistics": logistics,
    "clearance": clearance,
}
Handle = Callable[[AsyncSession, Sequence[Event]], Awaitable[list[Event]]]


async def run(name: str, hears: Sequence[str], handle: Handle) -> None:
    """One consuming service until it is told to end."""
    broker = bus.make_broker()
    sessions = await open_sessions(os.environ["DATABASE_URL"], name)

    async def on_events(events: Sequence[Event]) -> None:
        async with sessions.begin() as session:
            said = await handle(session, events)
        await bus.say(broker, name, said)

    bus.hear(broker, name, hears, on_events)
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    await broker.start()
    await end.wait()
    await broker.stop()


def main() -> None:
    """The process that the argument names."""
    name = sys.argv[1]
    if name == "declaration":
        uvicorn.run(
            door.build(),
            port=int(os.environ["PORT"]),
            loop="uvloop",
            http="httptools",
            log_level="warning",
            access_log=False,
        )
        return
    agency = AGENCIES[name]
    uvloop.run(run(name, agency.HEARS, agency.handle))


if __name__ == "__main__":
    main()
