"""Replicas: a second process of a service comes and goes under load."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from deploy.local.paths import CHECKOUT
from deploy.local.ports import Ports
from tests.flows.auditor import Auditor
from tests.flows.filers import Filers
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.window import Window


@asynccontextmanager
async def second(platform: Platform, service: str) -> AsyncIterator[str]:
    """A second replica of a service; its address. It is asked to end, and must end well."""
    ports = Ports()
    port = str(ports.take())
    here = {"REPLICA_ID": "1", "SERVICE_PORT": port}
    with (platform.root / "logs" / f"{service}-1.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.runtime.serve", service),
            env=platform.stack.environment(service) | here,
            cwd=CHECKOUT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}"
        os.kill(process.pid, signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 12) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        ports.close()


async def handled(address: str) -> float:
    """How many events a replica has handled, by its own metrics; 0 while it does not answer."""
    try:
        async with httpx.AsyncClient() as client:
            metrics = (await client.get(f"{address}/metrics")).text
    except httpx.HTTPError:
        return 0.0
    lines = [line for line in metrics.splitlines() if line.startswith("events_handled_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


async def load(window: Window, is_enough: asyncio.Event) -> list[str]:
    """Filings without a pause until it is enough; their ids."""
    ids: list[str] = []
    while not is_enough.is_set():
        filers = Filers(window, batches=6, size=20)
        await filers.run(twice=False)
        assert filers.refused == []
        ids += filers.ids
    return ids


async def test_a_second_replica_joins_and_leaves_under_load(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    is_enough = asyncio.Event()

    loading = asyncio.create_task(load(window, is_enough))
    async with second(platform, "clearance") as address:
        await until(lambda: handled(address), lambda count: count > 100, seconds=60)
    is_enough.set()
    ids = await loading

    assert len(ids) == len(set(ids)) > 0
    await auditor.check(ids, seconds=90)
