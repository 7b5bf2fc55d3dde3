"""Throttle: too many wrong secrets have to wait.

Counted per client and address (as the gateway tells it), so that nobody locks another one's client out. Bounded: the
longest unseen entry goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

Who = tuple[str, str]
"""Client id and address."""


class Throttle:
    """Wrong secrets lately: state without IO."""

    def __init__(
        self, *, allowed: int = 10, window: timedelta = timedelta(minutes=1), size: int = 10_000
    ) -> None:
        self._allowed = allowed
        self._window = window
        self._size = size
        self._wrong: OrderedDict[Who, tuple[int, datetime]] = OrderedDict()

    def wait(self, who: Who, now: datetime) -> int:
        """Seconds to wait before the next try; 0 when it may try now."""
        count, since = self._wrong.get(who, (0, now))
        left = since + self._window - now
        if left <= timedelta(0):
            self._wrong.pop(who, None)
            return 0
        return int(left.total_seconds()) + 1 if count >= self._allowed else 0

    def note_wrong(self, who: Who, now: datetime) -> None:
        """Count a wrong secret; the window starts with the first."""
        count, since = self._wrong.pop(who, (0, now))
        self._wrong[who] = (count + 1, since)
        if len(self._wrong) > self._size:
            self._wrong.popitem(last=False)

    def note_right(self, who: Who) -> None:
        """Forget what was wrong before."""
        self._wrong.pop(who, None)
