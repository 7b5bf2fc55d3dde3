"""Quarantine store: the officers' queue.

The room has no table of its own: what is not held is in its facts, what is held is in the queue.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.review import Review
from shared.runtime import reviews


class SqlQuarantine:
    """The desk of quarantine, bound to one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def open_reviews(self, opened: Sequence[Review]) -> None:
        """Put reviews into the queue; a newer version's replaces the older one."""
        await reviews.open_reviews(self.connection, opened)

    async def close_reviews(self, declaration_ids: Sequence[str]) -> None:
        """Take the reviews of these declarations out of the queue, if there are any."""
        await reviews.close_reviews(self.connection, declaration_ids)
