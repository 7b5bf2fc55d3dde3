"""Directory: the parties as registry has told them, in the memory of one replica."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.domain import Party
from services.declaration.tables import parties
from shared.runtime.database import reading

FRESH = 1.0
"""Seconds for which it is good."""
OVERLAP = timedelta(minutes=1)
"""How long what was heard may take to be seen: a party bears the moment at which its transaction began."""
_ALL = sa.select(parties.c.code, parties.c.roles, parties.c.active, parties.c.heard_at)


class Directory:
    """All parties; none ever leaves, so after the first time only those are read that were heard since."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parties: Mapping[str, Party] = {}
        self._heard_at: datetime | None = None
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def look(self, engine: AsyncEngine) -> Mapping[str, Party]:
        """The parties as they were told up to a second ago."""
        if self._is_old():
            async with self._reading:
                if self._is_old():  # of all who wait here the first reads, for all
                    await self._read(engine)
        return self._parties

    def _is_old(self) -> bool:
        return not self._parties or self._clock() - self._read_at > FRESH

    async def _read(self, engine: AsyncEngine) -> None:
        asked = _ALL if self._heard_at is None else _ALL.where(parties.c.heard_at > self._heard_at - OVERLAP)
        async with reading(engine) as connection:
            found = (await connection.execute(asked)).all()
        told = {
            code: Party(code=code, roles=frozenset(roles), active=active) for code, roles, active, _ in found
        }
        if any(self._parties.get(code) != party for code, party in told.items()):
            self._parties = {**self._parties, **told}
        self._heard_at = max((heard_at for *_, heard_at in found), default=self._heard_at)
        self._read_at = self._clock()
