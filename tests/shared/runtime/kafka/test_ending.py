"""Ending: of a consumer whose broker is away nothing is left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection

from shared.runtime.kafka import guard
from shared.runtime.kafka.guard import BrokerAway
from shared.runtime.kafka.reader import KafkaBus
from shared.runtime.kafka.tail import KafkaTail
from shared.runtime.settings import Settings
from tests.flows.patience import until
from tests.shared.runtime.kafka.away import is_silent, refuses


@pytest.mark.parametrize("broker", [refuses, is_silent])
@pytest.mark.parametrize("kind", ["group", "tail"])
async def test_of_a_consumer_whose_broker_is_away_no_task_is_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, broker: Any, kind: str
) -> None:
    monkeypatch.setattr(guard, "STOP", 1.0)
    before = asyncio.all_tasks()
    reader = KafkaBus(settings, ["registry"]) if kind == "group" else KafkaTail(settings, "registry")
    await reader.poll()
    if isinstance(reader, KafkaBus):
        bus = reader
        await until(reader.poll, lambda _: bus.is_assigned)

    with monkeypatch.context() as away:
        away.setattr(AIOKafkaConnection, "send", broker)
        await reader.poll()
        await reader.stop()
        assert asyncio.all_tasks() == before

    assert await reader.poll() == []
    await reader.stop()
    assert asyncio.all_tasks() == before


async def test_of_a_consumer_that_is_never_let_into_its_group_no_task_is_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "STOP", 1.0)
    monkeypatch.setattr("shared.runtime.kafka.reader.START", 2.0)
    before = asyncio.all_tasks()
    real = AIOKafkaConnection.send

    async def never_lets_in(connection: AIOKafkaConnection, request: Any, **more: Any) -> Any:
        if "JoinGroup" in type(request).__name__:
            await is_silent()
        return await real(connection, request, **more)

    monkeypatch.setattr(AIOKafkaConnection, "send", never_lets_in)
    with pytest.raises(BrokerAway, match="consumer start"):
        await KafkaBus(settings, ["registry"]).poll()

    assert asyncio.all_tasks() == before
