"""Ready: whether a replica says that it can progress, and how far it is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx


async def is_ready(address: str, *, seconds: float) -> bool:
    """Whether a replica has become ready in time; under other faults it need not."""
    async with httpx.AsyncClient(timeout=2) as client:
        try:
            async with asyncio.timeout(seconds):
                while not await _answers(client, address):
                    await asyncio.sleep(0.25)
        except TimeoutError:
            return False
    return True


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(f"{address}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


async def behind(client: httpx.AsyncClient, addresses: Sequence[str]) -> int | None:
    """Records not fetched, facts not said, events that wait, over all services; None when one is not ready."""
    try:
        return sum(await asyncio.gather(*(_behind(client, address) for address in addresses)))
    except (httpx.HTTPError, KeyError, ValueError):
        return None


async def _behind(client: httpx.AsyncClient, address: str) -> int:
    if (await client.get(f"{address}/readyz")).status_code != 200:
        raise ValueError(address)
    status: dict[str, Any] = (await client.get(f"{address}/internal/status")).json()
    return int(status["lag"] + status["outbox"] + status["early"] + status["parked"])
