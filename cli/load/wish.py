"""Wish: what is asked of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cli.credentials import Credentials
from cli.load.pace import Pace
from cli.load.usage import Pids
from cli.load.wire import Place
from sandbox.parcels import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of a run."""

    place: Place
    pace: Pace
    batch: int = 1
    mix: Mapping[Kind, float]
    seed: int = 1
    connections: int = 128
    retries: bool = False
    clients: Sequence[Credentials]
    watcher: Credentials | None = None
    """A client that reads all, for the tally and the list; without one, the clients that file read their own."""
    deposit: str = ""
    """CNY to pay in for every guarantor first, by the watcher; empty for none."""
    patience: float = 600.0
    """Seconds for everything to be settled after the last filing."""
    quiet: float = 3.0
    """Seconds without a move after which it is looked at closely; more where a service may be away for longer."""
    pids: Pids = field(default_factory=dict)
