"""Room: what a service brings to the runtime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from shared.contracts.codec import Reads
from shared.contracts.envelope import AnyEvent
from shared.kernel.gate import Agency
from shared.runtime.stores import Store
from shared.runtime.unit_of_work import Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a service brings: its name, store, handlers and routes."""

    name: str
    store: Store
    subscriptions: Mapping[type[AnyEvent], Handler] = field(default_factory=dict)
    reads: Reads = field(default_factory=dict)
    """What it reads of the larger events that it hears; without a line here an event is read whole."""
    quorum: Set[str] = frozenset()
    """Sources whose first words on a declaration are better handled together (quorum.py)."""
    deadlines: Mapping[type[Any], Handler] = field(default_factory=dict)
    agency: Agency | None = None
    """Whose queue it keeps: /v1/reviews/{agency}."""
    on_reviews_decided: Handler | None = None
    router: APIRouter | None = None
    on_start: Callable[[Any], Awaitable[None]] | None = None
    """Work once database and broker are there, e.g. seeding a sandbox; tried again until it succeeds."""
    on_stop: Callable[[Any], Awaitable[None]] | None = None
    max_body: int = 1024 * 1024
    """Bytes of a request's body."""
