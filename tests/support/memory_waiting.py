"""Memory waiting: a message that came early, or is parked, as the memory books keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.runtime.bus import Message


@dataclass(frozen=True, slots=True)
class Waits:
    """A message that came early, or is parked."""

    message: Message
    state: str
    since: datetime
    attempts: int = 0
    error: str = ""
    is_unreadable: bool = False

    def may_be_told_unreadable(self, copy: Message) -> bool:
        """By another that cannot be read: when this one cannot either, or is the very same."""
        return self.is_unreadable or (self.message.type, self.message.body) == (copy.type, copy.body)
