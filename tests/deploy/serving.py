"""Serving: a gateway that runs, and a client of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from deploy.local import gateway
from deploy.local.paths import Root
from deploy.local.supervisor import Supervisor


@asynccontextmanager
async def serving(root: Root, configuration: Path, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client of nginx as it is configured; it tries again until nginx listens, which a bare socket does not."""
    supervisor = Supervisor(root.logs, root.pids)
    await supervisor.start(gateway.program(root, configuration))
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", transport=httpx.AsyncHTTPTransport(retries=6)
    ) as client:
        yield client
    await supervisor.stop()
