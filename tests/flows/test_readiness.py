"""Readiness: a running service whose broker is away says so, and does not when it is back."""

from __future__ import annotations

import asyncio
import os
import signal

import httpx

from tests.flows.auditor import Auditor
from tests.flows.patience import until
from tests.flows.platform import Platform


async def test_a_running_service_says_that_its_broker_is_away(platform: Platform, auditor: Auditor) -> None:
    """Also one that has nothing to say: a client that only reads keeps its silence to itself."""
    address = platform.stack.service_url("quarantine")

    async def waits_for() -> str:
        async with httpx.AsyncClient(timeout=5) as client:
            return str((await client.get(f"{address}/readyz")).json()["waits_for"])

    os.kill(platform.stack.pids()["kafka"], signal.SIGSTOP)
    try:
        await until(waits_for, lambda told: "BrokerAway" in told or "broker" in told, seconds=20)
    finally:
        os.kill(platform.stack.pids()["kafka"], signal.SIGCONT)

    await asyncio.to_thread(platform.wait_ready)
    await auditor.check()
