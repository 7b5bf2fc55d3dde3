"""Stop: asked to end, a service finishes what it has begun, says it, and ends with 0."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress

import asyncpg
import httpx

from tests.flows.auditor import Auditor
from tests.flows.filers import Filers
from tests.flows.parcels import a_parcel
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.window import Window
from tests.support.addresses import database_of

ENDING = ("portal", "declaration", "tax", "clearance")


async def ended(platform: Platform, service: str, since: float) -> tuple[float, str]:
    """When, after a moment, a service ended, and how, as its supervisor saw it."""

    async def look() -> tuple[float, str] | None:
        told = [
            (at, line) for at, line in platform.said if line.startswith(f"{service} ended") and at >= since
        ]
        return told[0] if told else None

    found = await until(look, seconds=20)
    assert found is not None
    return found


async def watch(window: Window, declaration_id: str) -> None:
    """Follow a declaration that stays open: the stream ends when the portal does."""
    headers = window.bearer("agent00001")
    path = f"/v1/declarations/{declaration_id}/events"
    with suppress(httpx.HTTPError):
        async with window.client.stream("GET", path, headers=headers, timeout=60) as stream:
            async for _ in stream.aiter_lines():
                pass


async def unsaid(platform: Platform, service: str) -> int:
    """Facts that a service has not said."""
    connection = await asyncpg.connect(database_of(platform.stack.admin_url, service))
    try:
        return int(await connection.fetchval("select count(*) from outbox"))
    finally:
        await connection.close()


async def test_services_end_within_12_seconds_with_0_while_filings_come(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    filers = Filers(window)
    filing = asyncio.create_task(filers.run())
    watching = asyncio.create_task(watch(window, await window.file(a_parcel(arrival="on_site"))))
    await filers.wait_for(0.3)
    start = time.monotonic()

    for service in ENDING:
        os.kill(platform.stack.pids()[service], signal.SIGTERM)
    ends = await asyncio.gather(*(ended(platform, service, start) for service in ENDING))

    assert [line for _, line in ends if "(exit code 0)" not in line] == []
    assert max(at for at, _ in ends) - start < 12
    await asyncio.gather(filing, watching)
    await asyncio.to_thread(platform.wait_ready)
    assert len(filers.acknowledged) == len(set(filers.ids)) == 360
    await auditor.check(filers.ids, seconds=90)


async def test_what_was_pending_is_said_before_the_end(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    """A first fact that is left behind would lie in the outbox for five seconds before a relay may say it."""
    filers = Filers(window, batches=3, size=300)
    filing = asyncio.create_task(filers.run(twice=False))
    await filers.wait_for(0.01)
    start = time.monotonic()

    os.kill(platform.stack.pids()["declaration"], signal.SIGTERM)
    at, line = await ended(platform, "declaration", start)
    left = await unsaid(platform, "declaration")

    assert "(exit code 0)" in line
    assert left == 0
    await filing
    await asyncio.to_thread(platform.wait_ready)
    await auditor.check(filers.ids, seconds=90)
    assert at - start < 12


async def test_services_end_well_while_the_broker_stands_still(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    """What they cannot say lies in their databases, and is said after the next start."""
    broker, start = platform.stack.pids()["kafka"], time.monotonic()
    os.kill(broker, signal.SIGSTOP)
    try:
        ids = [each["declaration_id"] for each in await window.batch([a_parcel() for _ in range(20)])]
        for service in ENDING:
            os.kill(platform.stack.pids()[service], signal.SIGTERM)
        ends = await asyncio.gather(*(ended(platform, service, start) for service in ENDING))
    finally:
        os.kill(broker, signal.SIGCONT)

    assert [line for _, line in ends if "(exit code 0)" not in line] == []
    assert max(at for at, _ in ends) - start < 12
    await asyncio.to_thread(platform.wait_ready)
    await auditor.check(ids, seconds=90)
