"""Reader: a group knows whether it has handled what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.runtime.bus import Record, ends_of
from shared.runtime.kafka.reader import KafkaBus
from shared.runtime.kafka.speaker import Speaker
from shared.runtime.settings import CODECS, Settings
from tests.flows.patience import until
from tests.support.shelf import a_fact


async def polled(bus: KafkaBus, count: int) -> list[Record]:
    """So many records, not committed."""
    found: list[Record] = []

    async def more() -> Sequence[Record]:
        found.extend(await bus.poll())
        return found

    await until(more, lambda seen: len(seen) >= count)
    return found


async def test_what_was_said_before_is_handled_when_its_offsets_are_committed(settings: Settings) -> None:
    speaker, bus = Speaker(settings), KafkaBus(settings, ["quarantine"])
    await speaker.say([(a_fact(number), None) for number in range(1, 6)])

    assert not await bus.has_handled("quarantine")
    records = await polled(bus, 5)
    assert not await bus.has_handled("quarantine")
    await bus.commit(ends_of(records))
    await speaker.say([(a_fact(6), None)])

    assert await until(lambda: bus.has_handled("quarantine"))
    await bus.stop()
    await speaker.stop()


@pytest.mark.parametrize("codec", CODECS)
async def test_what_is_packed_in_any_codec_is_heard_as_it_was_said(settings: Settings, codec: str) -> None:
    speaker, bus = Speaker(replace(settings, compression=codec)), KafkaBus(settings, ["quarantine"])
    facts = [a_fact(number) for number in range(1, 40)]
    await speaker.say([(fact, 0) for fact in facts])

    records = await polled(bus, len(facts))

    assert [(record.key, record.value) for record in records] == [(f.subject.encode(), f.body) for f in facts]
    await bus.stop()
    await speaker.stop()
