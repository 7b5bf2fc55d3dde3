"""Portal store: none of its own."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlPortal:
    """The runtime's tables are all there is."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
