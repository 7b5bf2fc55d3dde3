"""The queue's promise, kept in memory and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.quarantine.store import SqlQuarantine
from shared.kernel.review import Review
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.reviews import read_review
from tests.support.backends import fresh_database
from tests.support.builders import NOW, PARTIES, a_declaration_id
from tests.support.memory_quarantine import MemoryQuarantine

Desk = MemoryQuarantine | SqlQuarantine
ONE, TWO = a_declaration_id(1), a_declaration_id(2)


@pytest.fixture(params=["memory", "sql"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    if request.param == "memory":
        yield MemoryQuarantine()
        return
    async with fresh_database(request.getfixturevalue("admin_url"), "quarantine") as database:
        await migrate("quarantine", database.owner_url)
        engine = open_engine(database.url, pool_size=1, name="test")
        async with engine.connect() as connection:
            yield SqlQuarantine(connection)
        await engine.dispose()


def a_review(declaration_id: str, version: int = 1) -> Review:
    return Review(
        declaration_id=declaration_id,
        version=version,
        code="INSPECTION",
        reason="live plants",
        parties=PARTIES,
        opened_at=NOW,
        due_at=NOW + timedelta(days=5),
    )


async def queued(desk: Desk, declaration_id: str) -> Review | None:
    """What waits; from where its leases are counted is the database's own affair."""
    if isinstance(desk, MemoryQuarantine):
        return desk.queue.get(declaration_id)
    found = await read_review(desk.connection, declaration_id)
    return replace(found, lease_no=0) if found else None


async def test_an_open_review_waits_as_it_was_opened(desk: Desk) -> None:
    await desk.open_reviews([a_review(ONE), a_review(TWO)])

    assert await queued(desk, ONE) == a_review(ONE)
    assert await queued(desk, TWO) == a_review(TWO)


async def test_a_newer_versions_review_takes_the_place_of_the_older(desk: Desk) -> None:
    await desk.open_reviews([a_review(ONE)])

    await desk.open_reviews([a_review(ONE, version=2)])

    assert await queued(desk, ONE) == a_review(ONE, version=2)


async def test_closing_takes_only_those_named_and_nothing_twice(desk: Desk) -> None:
    await desk.open_reviews([a_review(ONE), a_review(TWO)])

    await desk.close_reviews([ONE])
    await desk.close_reviews([ONE])
    await desk.close_reviews([])

    assert await queued(desk, ONE) is None
    assert await queued(desk, TWO) == a_review(TWO)
