"""Stores: what a store of a service may do at either end of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

Store = Callable[[AsyncConnection], Any]


async def look_ahead(store: Any, subjects: Iterable[str]) -> None:
    """A store may read at once what the handlers of a transaction will ask, of what any of them hears about."""
    if hasattr(store, "look_ahead"):
        await store.look_ahead(set(subjects))


async def flush(store: Any) -> None:
    """A store may gather its changes and write them once, at the end of its transaction."""
    if hasattr(store, "flush"):
        await store.flush()
