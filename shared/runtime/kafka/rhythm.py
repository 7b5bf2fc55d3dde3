"""Rhythm: whether records come one upon the other, so that a batch is worth waiting for."""

from __future__ import annotations

IN_A_ROW = 5
"""Polls that had something soon, from which on batches are let grow: a lone filing waits for nobody."""


class Rhythm:
    """Of the polls of one reader; seconds."""

    def __init__(self, gather: float) -> None:
        self.gather = gather
        """How long a batch is let grow."""
        self._in_a_row = 0

    @property
    def is_pressed(self) -> bool:
        """Whether they have come so for a while."""
        return self._in_a_row >= IN_A_ROW

    def note(self, records: int, took: float) -> None:
        """A poll that brought so many, and took so long, its own rest included."""
        self._in_a_row = self._in_a_row + 1 if records and took < 2 * self.gather else 0
