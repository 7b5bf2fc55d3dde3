"""Lookout: one look for all who want to know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.chaos.lookout import Lookout

NOWHERE = "http://127.0.0.1:1"


@asynccontextmanager
async def watched(lookout: Lookout) -> AsyncIterator[None]:
    """While it looks."""
    task = asyncio.create_task(lookout.watch())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_hundred_who_wait_share_a_look() -> None:
    looks: list[int] = []

    def nobody() -> list[str]:
        looks.append(1)
        return []

    lookout = Lookout(nobody)
    async with watched(lookout), asyncio.timeout(10):
        await asyncio.gather(*(lookout.until_at_most(0) for _ in range(100)))

    assert len(looks) <= 2


async def test_a_window_that_does_not_answer_has_not_caught_up() -> None:
    lookout = Lookout(lambda: [NOWHERE])

    async with watched(lookout):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(lookout.until_at_most(10**6), 1)
