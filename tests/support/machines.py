"""Machines: how state machines are searched: the same examples every time, a fixed number of them.

`MACHINE_EXAMPLES=5000 pytest -k machine` searches wider; a failure prints its steps, and the line that repeats it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable
from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "100"))
STEADY = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    derandomize=EXAMPLES == 100,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def done(work: Awaitable[T]) -> T:
    """What a coroutine returns that waits for nobody."""
    try:
        next(work.__await__())
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("a memory store waited")
