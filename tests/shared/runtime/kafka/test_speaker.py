"""Speaker: a producer that failed leaves nothing behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection

from shared.contracts.envelope import Cause, Fact
from shared.runtime.kafka.guard import BrokerAway
from shared.runtime.kafka.speaker import Speaker
from shared.runtime.settings import Settings
from tests.shared.runtime.kafka.away import is_silent, refuses
from tests.support.toy import a_filing, a_message


def a_fact(number: int) -> Fact:
    message = a_message(a_filing(number))
    return Fact(
        "declaration",
        message.subject,
        1,
        1,
        message.type,
        message.body,
        Cause("request", 0),
        datetime.now(UTC),
    )


@pytest.mark.parametrize("broker", [refuses, is_silent])
async def test_of_a_producer_that_failed_no_task_is_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, broker: Any
) -> None:
    before = asyncio.all_tasks()
    speaker = Speaker(settings)
    await speaker.say([(a_fact(1), None)])

    with monkeypatch.context() as away:
        away.setattr("shared.runtime.kafka.speaker.SAY", 0.5)
        away.setattr(AIOKafkaConnection, "send", broker)
        with pytest.raises(BrokerAway):
            await speaker.say([(a_fact(number), None) for number in range(2, 20)])
        while speaker._dying:
            await asyncio.wait(speaker._dying)
    assert asyncio.all_tasks() == before

    await speaker.say([(a_fact(1), None)])
    await speaker.stop()
    assert asyncio.all_tasks() == before


async def test_who_says_something_by_a_producer_that_another_gives_up_need_not_wait_out_his_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = Speaker(settings)
    await speaker.say([(a_fact(1), 0)])

    with monkeypatch.context() as away:
        away.setattr(AIOKafkaConnection, "send", is_silent)
        one, other = (asyncio.create_task(speaker.say([(a_fact(n), n)])) for n in (2, 3))
        await asyncio.sleep(0)
        one.cancel()
        with pytest.raises(BrokerAway, match="given up"):
            await asyncio.wait_for(other, 15)  # and not 20 seconds

    await speaker.say([(a_fact(3), 3)])
    await speaker.stop()
