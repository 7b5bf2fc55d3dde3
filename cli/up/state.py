"""State: which run this is.

Kept beside the stack's data. A run that was cut short is continued with the same seed, moment and numbers, so that
filing again changes nothing; a complete one is followed by the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from deploy.local.paths import write_whole
from sandbox.importer import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One pass over the orders."""

    number: int
    seed: str
    now: datetime
    """When it began: dates are shifted to before it."""
    orders: int
    """How many orders of the file; 0 is all."""
    is_complete: bool = False

    def run(self) -> Run:
        """The run as the importer knows it."""
        return Run(seed=self.seed, number=self.number, now=self.now)


def next_run(last: RunState | None, seed: str, orders: int, now: datetime) -> RunState:
    """The run to do: the last one if it was cut short, else a new one after it."""
    if last is not None and not last.is_complete:
        return last
    number = last.number + 1 if last else 1
    return RunState(number=number, seed=seed, now=now, orders=orders)


def completed(state: RunState) -> RunState:
    """The run, done."""
    return replace(state, is_complete=True)


def file_in(root: Path) -> Path:
    """Where the state of a stack's runs is kept."""
    return root / "sandbox-run.json"


def load(path: Path) -> RunState | None:
    """The last run; nothing when there was none, or its file cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunState)
    except (OSError, msgspec.MsgspecError):
        return None


def save(path: Path, state: RunState) -> None:
    """Keep a run, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.encode(state).decode())
