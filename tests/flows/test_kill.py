"""Kill: -9 in the middle of filing, and every order is still accounted for, none twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.flows.auditor import Auditor
from tests.flows.filers import Filers
from tests.flows.platform import Platform
from tests.flows.window import Window


@pytest.mark.parametrize("victim", ["declaration", "tax", "clearance", "kafka", "postgres"])
async def test_after_kill_9_every_filing_has_one_outcome_or_is_held(
    platform: Platform, window: Window, auditor: Auditor, victim: str
) -> None:
    before = platform.stack.pids()[victim]
    filers = Filers(window)

    filing = asyncio.create_task(filers.run())
    await filers.wait_for(0.3)
    platform.kill(victim)
    await filing
    await asyncio.to_thread(platform.wait_ready)

    assert platform.stack.pids()[victim] != before
    assert filers.refused == []
    assert [ids for ids in filers.acknowledged.values() if len(ids) != 1] == []
    assert len(filers.acknowledged) == len(set(filers.ids)) == 360
    await auditor.check(filers.ids, seconds=90)


async def test_killed_again_and_again_all_at_once_nothing_is_lost(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    filers = Filers(window)

    filing = asyncio.create_task(filers.run())
    for part, victim in ((0.2, "tax"), (0.3, "clearance"), (0.4, "logistics"), (0.5, "declaration")):
        await filers.wait_for(part)
        platform.kill(victim)
    await filing
    await asyncio.to_thread(platform.wait_ready)

    assert filers.refused == []
    assert len(filers.acknowledged) == len(set(filers.ids)) == 360
    await auditor.check(filers.ids, seconds=90)
