"""Resay: a topic that was lost is there again, made of facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shared.contracts.codec import encode
from shared.runtime.bus import Record
from shared.runtime.kafka.tail import KafkaTail
from shared.runtime.resay import main, resay_all
from shared.runtime.settings import Settings
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.toy import a_filing, a_message, said


def settings_of(work: UnitOfWork, bootstrap: str, topic_prefix: str) -> Settings:
    """As the toy's service would be run."""
    return Settings(
        service=work.service,
        database_url=work.engine.url.render_as_string(hide_password=False).replace("+asyncpg", ""),
        bootstrap_servers=bootstrap,
        topic_prefix=topic_prefix,
    )


async def heard(settings: Settings) -> list[Record]:
    """What is on the service's topic."""
    tail, records = KafkaTail(settings, settings.service), list[Record]()
    while not records or not await tail.is_at_end():
        records += await tail.poll()
    await tail.stop()
    return records


async def test_a_lost_topic_is_made_again_from_the_facts_without_the_service(
    work: UnitOfWork, bootstrap: str, topic_prefix: str
) -> None:
    filings = [a_filing(number) for number in range(1, 1201)]  # more than a page
    await work.run([a_message(filing) for filing in filings])
    settings = settings_of(work, bootstrap, topic_prefix)

    assert await resay_all(settings) == len(filings)

    assert {record.key: record.value for record in await heard(settings)} == {
        filing.declaration_id.encode(): encode(said(filing)) for filing in filings
    }


async def test_what_is_said_again_is_kept_as_long_as_what_is_new(
    work: UnitOfWork, bootstrap: str, topic_prefix: str
) -> None:
    """Topics forget after a week, counted from when a record was put there, not from when its fact was."""
    await work.run([a_message(a_filing())])
    async with work.engine.begin() as connection:
        await connection.execute(sa.text("update facts set recorded_at = recorded_at - interval '30 days'"))
    settings = settings_of(work, bootstrap, topic_prefix)

    await resay_all(settings)

    (record,) = await heard(settings)
    put_there = datetime.fromtimestamp(getattr(record, "timestamp") / 1000, UTC)  # noqa: B009 - Kafka's alone
    assert datetime.now(UTC) - put_there < timedelta(hours=1)


def test_who_says_nothing_is_told_so() -> None:
    with pytest.raises(SystemExit, match="portal says nothing"):
        main("portal")
