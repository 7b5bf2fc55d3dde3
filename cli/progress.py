"""Progress: how it goes, line by line."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console

SELDOM = 10.0
"""Seconds between two lines in a log."""


class Progress:
    """Tells every line at a terminal, and one in a while in a log."""

    def __init__(self, to: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._to, self._clock = to, clock
        self._next = clock()

    def say(self, text: str) -> None:
        """One more line; what comes too soon after another is left out of a log."""
        now = self._clock()
        if self._to.is_terminal or now >= self._next:
            self._next = now + SELDOM
            self._to.print(text, markup=False)
