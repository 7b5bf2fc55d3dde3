"""Reading: where the orders of a run stand.

Pages through the declarations that were filed since the run began; what is not settled is asked for its gates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli.up.accounting import Hold, Key, Kind, Standing
from cli.up.link import Link
from sandbox.parties import client_named

KINDS: Mapping[str, Kind] = {"PERMIT": "permit", "REFUSED": "refused", "CANCELLED": "cancelled"}


class Reader:
    """Looks at the declarations of a run, again and again."""

    def __init__(self, link: Link, since: datetime) -> None:
        self._link, self._since = link, since
        self.first_permit_at: datetime | None = None

    async def read(self) -> list[Standing]:
        """The standing of every declaration filed since the run began."""
        return []
