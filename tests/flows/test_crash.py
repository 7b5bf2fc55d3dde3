"""Crash: a death at the worst moment, made to happen there and not by luck."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from services.declaration.submission import Submission
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_parcel
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.window import Window
from tests.support.addresses import database_of


@asynccontextmanager
async def standing_still(platform: Platform, service: str) -> AsyncIterator[Any]:
    """No batch of a service can be saved: somebody holds its heads."""
    connection = await asyncpg.connect(database_of(platform.stack.admin_url, service))
    try:
        async with connection.transaction():
            await connection.execute("lock table heads in exclusive mode")
            yield connection
    finally:
        await connection.close()


async def has_read(connection: Any) -> None:
    """Until the service has read something and wants to save it."""
    waits = """select count(*) from pg_locks join pg_database on oid = database
               where datname = current_database() and not granted"""
    await until(lambda: connection.fetchval(waits), seconds=20)


async def has_come_again(platform: Platform, service: str, before: int) -> None:
    """Until the supervisor has started another process in its place."""

    async def look() -> bool:
        return platform.stack.pids()[service] != before

    await until(look, seconds=20)
    await asyncio.to_thread(platform.wait_ready)


async def file_some(window: Window) -> list[str]:
    """A batch of filings; their ids."""
    answers = await window.batch([a_parcel() for _ in range(20)])
    assert {answer["status"] for answer in answers} == {202}
    return [answer["declaration_id"] for answer in answers]


async def count_facts(platform: Platform, service: str, ids: Sequence[str]) -> int:
    """Facts that a service has stored about some declarations."""
    connection = await asyncpg.connect(database_of(platform.stack.admin_url, service))
    try:
        asked = "select count(*) from facts where subject_id = any($1::uuid[])"
        return int(await connection.fetchval(asked, ids))
    finally:
        await connection.close()


@pytest.mark.parametrize("service", ["tax", "clearance"])
async def test_what_was_read_and_not_saved_is_read_again(
    platform: Platform, window: Window, auditor: Auditor, service: str
) -> None:
    async with standing_still(platform, service) as connection:
        ids = await file_some(window)
        await has_read(connection)
        before = platform.stack.pids()[service]
        platform.kill(service)

    await has_come_again(platform, service, before)
    await auditor.check(ids)


@pytest.mark.parametrize("service", ["tax", "quarantine"])
async def test_what_was_saved_and_not_said_is_said_after_the_next_start(
    platform: Platform, window: Window, auditor: Auditor, service: str
) -> None:
    """The broker stands still while the batch is saved, so that nothing of it can be said."""
    broker, before = platform.stack.pids()["kafka"], platform.stack.pids()[service]
    try:
        async with standing_still(platform, service) as connection:
            ids = await file_some(window)
            await has_read(connection)
            os.kill(broker, signal.SIGSTOP)
        await until(lambda: count_facts(platform, service, ids))
        platform.kill(service)
    finally:
        os.kill(broker, signal.SIGCONT)

    await has_come_again(platform, service, before)
    await auditor.check(ids)


async def test_what_was_filed_while_the_broker_was_away_outlives_who_took_it_in(
    platform: Platform, window: Window, auditor: Auditor
) -> None:
    broker, before = platform.stack.pids()["kafka"], platform.stack.pids()["declaration"]
    os.kill(broker, signal.SIGSTOP)
    try:
        ids = await file_some(window)
        platform.kill("declaration")
    finally:
        os.kill(broker, signal.SIGCONT)

    await has_come_again(platform, "declaration", before)
    await auditor.check(ids)


async def test_a_report_that_races_the_booking_is_noted_once(window: Window, auditor: Auditor) -> None:
    """Command and consumer write about one declaration in one service at one moment."""
    parcels = [a_parcel(arrival="on_site") for _ in range(40)]

    async def file_and_arrive(parcel: Submission) -> str:
        declaration_id = await window.file(parcel)
        await window.arrive(parcel.waybill.waybill_no)
        return declaration_id

    ids = await asyncio.gather(*map(file_and_arrive, parcels))

    outcomes = await asyncio.gather(*map(window.outcome, ids))
    assert {found["status"] for found in outcomes} == {"PERMITTED"}
    await auditor.check(ids)
