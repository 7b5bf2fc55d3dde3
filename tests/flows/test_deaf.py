"""Deaf: a client that hears nothing while its broker listens is left, and a fresh one goes on.

A broker's port that takes connections and passes nothing on is what a client sees that has gone deaf. Nothing
fails then, so only the watchdog can end it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.contracts.envelope import Cause, Fact
from shared.runtime.bus import Record
from shared.runtime.kafka.guard import BrokerAway
from shared.runtime.kafka.speaker import Speaker
from shared.runtime.kafka.tail import KafkaTail
from shared.runtime.settings import Settings
from tests.chaos.world import World
from tests.flows.patience import until
from tests.support.toy import a_filing, a_message

SERVICE = "quarantine"
SOON = 4.0
"""Seconds after which a client counts as stuck here."""


@dataclass(slots=True)
class Listening:
    """A broker, a database and one service before it, and what their supervisor said."""

    world: World
    said: list[str]

    @property
    def settings(self) -> Settings:
        """Those of a client of ours, through the same line."""
        return Settings(service="declaration", bootstrap_servers=self.world.bootstrap, stuck_after=SOON)

    async def hear(self, number: int) -> None:
        """Say a filing; the service has heard it when it has its fact."""
        filing, speaker = a_filing(number), Speaker(self.settings)
        message = a_message(filing)
        fact = Fact(
            "declaration", message.subject, 1, 1, message.type, message.body, Cause("request", 0), now()
        )
        await speaker.say([(fact, None)])
        await speaker.stop()
        await until(lambda: self._facts(message.subject), seconds=60)

    async def _facts(self, subject: str) -> Any:
        async with self.world.sql(SERVICE) as database:
            return await database.fetchval("select count(*) from facts where subject_id = $1", subject)

    async def waits_for(self) -> Any:
        """What the service says that it waits for; nothing while it does not answer."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(f"{self.world.service_url(SERVICE)}/readyz")
        except httpx.HTTPError:
            return None
        return answer.json()["waits_for"]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    """Without registry: its keys are nobody's matter here."""
    said: list[str] = []
    async with World(brokers=1, said=said) as world:
        world.altered[SERVICE] = {"KAFKA_STUCK_AFTER": str(SOON)}
        await world.start_infrastructure()
        await world.start_services([SERVICE])
        found = Listening(world, said)
        await until(
            found.waits_for, lambda told: told is not None and set(told) <= {"registry keys"}, seconds=60
        )
        yield found


async def test_who_hears_nothing_while_the_broker_listens_begins_anew(listening: Listening) -> None:
    """The service's own client ends its process, and the next one goes on; a tail takes a fresh client."""
    tail = KafkaTail(listening.settings, "declaration")
    await listening.hear(1)
    await until(lambda: heard(tail), seconds=20)

    await listening.world.tell("broker", "silence")
    await until(lambda: told(listening.said, f"{SERVICE} ended (exit code 70)"), seconds=60)
    with pytest.raises(BrokerAway):
        await until(tail.poll, seconds=60)
    await listening.world.tell("broker", "speak")

    await listening.hear(2)
    assert await until(lambda: heard(tail), seconds=60)
    await tail.stop()


async def told(said: list[str], word: str) -> bool:
    return any(word in line for line in said)


async def heard(tail: KafkaTail) -> list[Record]:
    """What comes; nothing while the broker is still away."""
    with suppress(BrokerAway):
        return await tail.poll()
    return []
