"""Restored: after a restore no permit number is given out twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from deploy.local.databases import Database
from services.clearance.permit import permit_number, running_no_after
from services.clearance.restored import go_on_numbering
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from tests.conftest import MakeDatabase

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
async def database(make_database: MakeDatabase) -> Database:
    """Clearance's, empty."""
    made = await make_database("clearance")
    await migrate("clearance", made.owner_url)
    return made


async def given_out(database: Database) -> int:
    """The next number, as the service takes it."""
    engine = open_engine(database.url, pool_size=1, name="test")
    async with engine.begin() as connection:
        number: int = (await connection.execute(sa.text("select nextval('permit_numbers')"))).scalar_one()
    await engine.dispose()
    return number


async def test_a_restored_window_counts_on_beyond_all_that_it_may_have_issued_meanwhile(
    database: Database,
) -> None:
    last_in_the_backup = await given_out(database)

    first = await go_on_numbering(database.owner_url, MOMENT)

    assert first == await given_out(database) == running_no_after(MOMENT)
    assert first > last_in_the_backup


async def test_the_same_backup_restored_again_counts_on_beyond_what_the_first_restore_led_to(
    database: Database,
) -> None:
    """An hour at five times the fastest rate that was ever measured lies between."""
    an_hour_later = MOMENT + timedelta(hours=1)
    issued_meanwhile = running_no_after(MOMENT) + 3600 * 30_000

    assert await go_on_numbering(database.owner_url, an_hour_later) > issued_meanwhile


async def test_numbers_never_go_back_where_the_clock_does(database: Database) -> None:
    first = await go_on_numbering(database.owner_url, MOMENT)

    again = await go_on_numbering(database.owner_url, MOMENT - timedelta(days=1))

    assert again == first


def test_a_number_after_a_restore_is_within_what_the_door_takes_for_one() -> None:
    in_a_century = datetime(2126, 1, 1, tzinfo=UTC)

    number = permit_number(in_a_century, running_no_after(in_a_century))

    assert re.fullmatch("[A-Z]{2}[0-9]{10,30}", number)
