"""Sender: what it does when there is nobody to send to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from cli.load.agenda import Agenda
from cli.load.ledger import Ledger
from cli.load.pace import Pace
from cli.load.sender import Sender


class Cut:
    """A wire whose connections are all gone, and stay away."""

    has_free = False
    when_free: Callable[[], None] | None = None


async def test_a_run_ends_with_its_time_though_the_window_went_away_for_good() -> None:
    nobody: Any = None
    sender = Sender(cast(Any, Cut()), nobody, nobody, Ledger(), retries=False)
    agenda = Agenda(Pace((), 0.1), 1, asyncio.get_running_loop().time())

    async with asyncio.timeout(5):
        await sender.run(agenda)

    assert agenda.wakes(asyncio.get_running_loop().time()) is None
