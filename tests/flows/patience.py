"""Patience: asking until something is so, or the time is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(
    ask: Callable[[], Awaitable[T]], is_so: Callable[[T], bool] = bool, *, seconds: float = 30.0
) -> T:
    """The first answer that is so; fails with the last one when the time is over."""
    end = time.monotonic() + seconds
    pause = 0.02
    while not is_so(answer := await ask()):
        if time.monotonic() > end:
            raise AssertionError(f"not so within {seconds:g} s: {answer!r}"[:4000])
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return answer
