"""Start order: a service that finds its database or broker away waits, says for which, goes on by itself."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from deploy.local.paths import CHECKOUT
from deploy.local.ports import Ports
from tests.conftest import MakeDatabase
from tests.flows.patience import until
from tests.support.proxy import Proxy, through


@asynccontextmanager
async def running(service: str, port: int, environment: dict[str, str]) -> AsyncIterator[None]:
    """A service as a process of its own; it is asked to end, and must end well."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.runtime.serve", service),
        env={"PATH": os.defpath, "SERVICE_PORT": str(port), "LOG_LEVEL": "error", **environment},
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 12) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def waits_for(port: int) -> Any:
    """What a service says that it waits for; nothing while it does not answer."""
    try:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
    except httpx.HTTPError:
        return None
    found = answer.json()["waits_for"]
    assert (answer.status_code == 200) == (not found)
    return found


async def test_a_service_started_first_waits_for_its_database_then_for_its_broker(
    make_database: MakeDatabase, bootstrap: str, topic_prefix: str
) -> None:
    kept, ports = await make_database("quarantine"), Ports()
    database = Proxy(urlsplit(kept.url).port or 5432, ports.take())
    broker = Proxy(int(bootstrap.rpartition(":")[2]), ports.take())
    environment = {
        "DATABASE_URL": through(kept.url, database.port),
        "MIGRATION_DATABASE_URL": through(kept.owner_url, database.port),
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{broker.port}",
        "KAFKA_TOPIC_PREFIX": topic_prefix,
    }
    async with running("quarantine", port := ports.take(), environment):
        first = await until(
            lambda: waits_for(port), lambda found: found and ":" in found["start"], seconds=20
        )
        assert first["start"].startswith("database: ConnectionRefusedError: ")

        await database.open()
        await until(lambda: waits_for(port), lambda found: found["start"].startswith("broker"), seconds=20)

        await broker.open()
        last = await until(lambda: waits_for(port), lambda found: "start" not in found, seconds=30)

        assert set(last) <= {"registry keys", "partitions"}  # there is no registry here to say its keys

        await database.close()
        await until(lambda: waits_for(port), lambda found: "database" in found, seconds=20)
        await database.open()
        await until(lambda: waits_for(port), lambda found: "database" not in found, seconds=20)
    await database.close()
    await broker.close()
    ports.close()
