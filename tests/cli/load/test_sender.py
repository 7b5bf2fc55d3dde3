"""Sender: what it does when there is nobody to send to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import uvloop

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


class Open:
    """A wire that has a connection to spare, and says so again and again."""

    has_free = True
    when_free: Callable[[], None] | None = None


class Soon:
    """An agenda whose next filing is due in no time, until its end."""

    is_over = False

    def pop(self, _now: float) -> None:
        return None

    def wakes(self, now: float) -> float | None:
        return None if self.is_over else now


def test_a_connection_that_comes_free_a_moment_before_the_next_filing_is_due_stops_nothing() -> None:
    async def run() -> None:
        wire, agenda, nobody = Open(), Soon(), cast(Any, None)
        sender = Sender(cast(Any, wire), nobody, nobody, Ledger(), retries=False)
        running = asyncio.create_task(sender.run(cast(Any, agenda)))
        await asyncio.sleep(0)
        assert wire.when_free is not None
        wire.when_free()
        agenda.is_over = True
        async with asyncio.timeout(5):
            await running

    uvloop.run(run())  # the loop that `sw load` runs on; what it gives for such a moment is no TimerHandle
