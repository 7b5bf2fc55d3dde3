"""Brokers: of three any one may die; and what a folder held is there again after it is lost.

A platform of its own with three brokers. It is then backed up under load, its folder is lost, and it is restored.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator

import httpx
import pytest

from deploy.local import backup, kafka
from deploy.local.brokers import NAMES
from deploy.local.paths import Root
from tests.flows.auditor import Auditor
from tests.flows.conftest import _pay_in
from tests.flows.filers import Filers
from tests.flows.parcels import a_parcel
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.test_crash import file_some, standing_still
from tests.flows.window import Window

HERE = {"PATH": os.defpath}


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """All of it, on three brokers."""
    started = Platform("brokers", brokers=3)
    try:
        started.start()
        _pay_in(started)
        yield started
    finally:
        started.close()


async def test_filings_are_settled_while_one_of_three_brokers_is_down(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    """The first one: whom every client asks first. `make chaos BROKERS=3` kills each of them."""
    filers = Filers(window)
    filing = asyncio.create_task(filers.run(twice=False))
    await filers.wait_for(0.3)

    with platform.without(NAMES[0]):
        parcel = a_parcel()
        answer = await until(lambda: window.send(parcel), lambda answer: answer.status_code == 202)
        filed = answer.json()
        await window.pass_if_drawn(filed)
        settled = await window.outcome(filed["declaration_id"], seconds=90)  # a saying may hang for 20
        assert not await kafka.answers(platform.stack.brokers.ports[NAMES[0]])

    assert settled["status"] == "PERMITTED"
    await filing
    await auditor.check([filed["declaration_id"], *filers.ids], seconds=90)


async def a_permit(window: Window) -> int:
    """The number of a fresh permit, of this year as of any other."""
    settled = await window.outcome(await window.file(a_parcel()))
    return int(settled["permit_no"].removeprefix("SW")[8:])


async def test_what_was_acknowledged_before_a_backup_is_there_after_the_folder_is_lost(
    platform: Platform, window: Window
) -> None:
    """Backed up under load, with facts that clearance has not heard; restored on one broker.

    What is permitted afterwards has other numbers than what is forgotten.
    """
    filers = Filers(window, batches=8)
    filing = asyncio.create_task(filers.run(twice=False))
    copy = platform.root.with_name(f"{platform.root.name}-copy")
    async with standing_still(platform, "clearance"):
        await filers.wait_for(0.5)
        kept = [*filers.ids, *await file_some(window)]
        await backup.back_up(Root(platform.root), copy, lambda _line: None)
    await filing
    forgotten = await a_permit(window)
    await asyncio.to_thread(platform.crash)
    lost = platform.root.rename(platform.root.with_name(f"{platform.root.name}-lost"))

    await backup.restore(Root(platform.root), copy, HERE, count=1, say=lambda _line: None)
    await asyncio.to_thread(platform.start_again)

    await Auditor(platform, ()).check(kept, seconds=90)
    async with httpx.AsyncClient(base_url=platform.stack.gateway_url, timeout=30) as client:
        assert await a_permit(Window(client, platform)) > forgotten
    shutil.rmtree(copy)
    shutil.rmtree(lost, ignore_errors=True)  # what was killed may still be writing its last
