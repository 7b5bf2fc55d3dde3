"""Resay: a topic that was lost is there again, made of facts alone."""

from __future__ import annotations

import pytest

from shared.contracts.codec import encode
from shared.runtime.bus import Record
from shared.runtime.kafka.reader import KafkaTail
from shared.runtime.resay import main, resay_all
from shared.runtime.settings import Settings
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.toy import a_filing, a_message, said


async def test_a_lost_topic_is_made_again_from_the_facts_without_the_service(
    work: UnitOfWork, bootstrap: str, topic_prefix: str
) -> None:
    filings = [a_filing(number) for number in range(1, 1201)]  # more than a page
    await work.run([a_message(filing) for filing in filings])
    settings = Settings(
        service=work.service,
        database_url=work.engine.url.render_as_string(hide_password=False).replace("+asyncpg", ""),
        bootstrap_servers=bootstrap,
        topic_prefix=topic_prefix,
    )

    assert await resay_all(settings) == len(filings)

    tail, records = KafkaTail(settings, work.service), dict[bytes | None, Record]()
    while not records or not await tail.is_at_end():
        records |= {record.key: record for record in await tail.poll()}
    await tail.stop()
    assert {key: record.value for key, record in records.items()} == {
        filing.declaration_id.encode(): encode(said(filing)) for filing in filings
    }


def test_who_says_nothing_is_told_so() -> None:
    with pytest.raises(SystemExit, match="portal says nothing"):
        main("portal")
