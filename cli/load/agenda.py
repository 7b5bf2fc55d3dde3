"""Agenda: the next thing to send.

Either a number of the pace whose moment has come, or something put off: an amendment, or what a busy window asked to
have later. Pure: the clock comes in as an argument.
"""

from __future__ import annotations

import heapq
from itertools import count

from cli.load.pace import Pace
from cli.load.plan import Job

PATIENCE = 30.0
"""Seconds after the last moment for what is late; what is not sent by then is not sent."""


class Agenda:
    """What is due, in a run that starts at a moment."""

    def __init__(self, pace: Pace, batch: int, start: float) -> None:
        self._pace, self._batch, self._start = pace, batch, start
        self._count, self._end = pace.count, start + pace.seconds
        self._next, self._due = 0, start
        self._later: list[tuple[float, int, Job]] = []
        self._order = count()

    def pop(self, now: float) -> Job | None:
        """The next job that is due by now, if there is one; it is the caller's then."""
        if self._later and self._later[0][0] <= now:
            return heapq.heappop(self._later)[2]
        moment = self._moment(now)
        if moment is None or moment > now:
            return None
        first, self._next = self._next, self._next + self._batch
        if self._count is not None:
            self._next = min(self._next, self._count)
            self._due = self._start + self._pace.moment(self._next)
        return Job(moment, range(first, self._next))

    def put_off(self, moment: float, job: Job) -> None:
        """Have a job come up at a moment."""
        heapq.heappush(self._later, (moment, next(self._order), job))

    def wakes(self, now: float) -> float | None:
        """When something will be due; None when nothing is left."""
        moments = [self._later[0][0]] if self._later else []
        moment = self._moment(now)
        return min([*moments, moment] if moment is not None else moments, default=None)

    def late(self, now: float) -> int:
        """Numbers that are due by now and not sent."""
        return max(0, self._pace.due(now - self._start) - self._next)

    @property
    def unsent(self) -> int:
        """Numbers of the pace that nobody has taken."""
        return max(0, (self._count or 0) - self._next)

    def _moment(self, now: float) -> float | None:
        """When the next number is due."""
        if self._count is None:
            return now if now < self._end else None
        return None if self._next >= self._count or now > self._end + PATIENCE else self._due
