"""Standing: for how long nothing has moved.

Counted in looks, and a look is never longer than some seconds: a process that slept (stopped, or starved of the
processor) has not waited meanwhile, and must not take its own sleep for somebody's silence.
"""

from __future__ import annotations

LONGEST_LOOK = 10.0
"""Seconds; a service looks every two, every eight while its broker is away."""


class Standing:
    """Seconds, on any clock that only goes forward."""

    def __init__(self, now: float) -> None:
        self._seconds, self._looked_at = 0.0, now

    def moves(self, now: float) -> None:
        """Something has."""
        self._seconds, self._looked_at = 0.0, now

    def look(self, now: float) -> float:
        """How long nothing has, as far as this process was there to see it."""
        self._seconds += min(now - self._looked_at, LONGEST_LOOK)
        self._looked_at = now
        return self._seconds
