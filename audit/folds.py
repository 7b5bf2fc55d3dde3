"""Folds: checks that no single declaration can answer.

A fold takes every declaration's dossier as it passes, and rows of tables that belong to none; at the end it says what
does not add up. It keeps sums, or a pile: never all declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from audit.breach import Breach
from audit.dossier import Dossier


class Read(NamedTuple):
    """A table that a fold wants row by row."""

    service: str
    query: str
    keep: Callable[..., None]
    """Takes the columns of one row."""


class Fold(Protocol):
    """What is compared across declarations."""

    def reads(self) -> Sequence[Read]:
        """The tables it wants beside the dossiers."""

    def take(self, of: Dossier) -> None:
        """One subject passes."""

    def breaches(self) -> Iterator[Breach]:
        """What does not add up, after all have passed."""

    def counts(self) -> dict[str, Any]:
        """Numbers for the report."""
