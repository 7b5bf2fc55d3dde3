"""Waves, and the order of save, say and let go."""

from __future__ import annotations

import pytest

from shared.runtime import quorum
from shared.runtime.bus import Ends, MemoryBus, Written, headers_of, read_message
from shared.runtime.consumer import Consumer
from shared.runtime.facts import of_subject
from shared.runtime.unit_of_work import UnitOfWork
from shared.runtime.waves import cut_waves
from tests.support.builders import a_declaration_id
from tests.support.toy import a_filing, a_message, rows


def test_the_kth_message_of_each_declaration_is_in_wave_k() -> None:
    messages = [a_message(a_filing(number), seq) for number, seq in ((1, 1), (2, 1), (1, 2), (1, 3), (2, 2))]

    waves = cut_waves(messages)

    assert [[message.seq for message in wave] for wave in waves] == [[1, 1], [2, 2], [3]]


async def test_a_record_is_handled_said_and_let_go(work: UnitOfWork) -> None:
    bus = MemoryBus(reads=("declaration.events",))
    put(bus, 1)
    consumer = Consumer(bus, work)

    await consumer.step()
    await consumer.settle()

    assert len([record for log in bus.topics["quarantine.events"] for record in log]) == 1
    assert sum(bus.committed.values()) == 1


async def test_after_a_crash_before_the_saying_the_fact_is_said_on_redelivery(work: UnitOfWork) -> None:
    bus = MemoryBus(reads=("declaration.events",))
    put(bus, 1)
    await work.run([read_message(record) for record in await bus.poll()])  # saved, then the process dies

    bus.rewind()
    consumer = Consumer(bus, work)
    await consumer.step()
    await consumer.settle()

    assert len([record for log in bus.topics["quarantine.events"] for record in log]) == 1
    assert await rows(work.engine, "select sum from balances") == [(1,)]


class Forgetful(MemoryBus):
    """Takes no offsets, and fails in a way that nobody foresaw."""

    async def commit(self, _ends: Ends) -> None:
        raise RuntimeError("the client has a bug")


async def test_what_is_saved_is_said_whatever_befell_the_offsets_before(work: UnitOfWork) -> None:
    bus = Forgetful(reads=("declaration.events",))
    consumer = Consumer(bus, work)

    for number in (1, 2):
        put(bus, number)
        await consumer.step()
    await consumer.settle()

    assert len([record for log in bus.topics["quarantine.events"] for record in log]) == 2


async def test_what_rests_for_others_is_brought_again_after_a_crash_and_handled_in_time(
    work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = MemoryBus(reads=("declaration.events",))
    put(bus, 1)
    resting = Consumer(bus, work, quorum={"declaration", "tax"})
    await resting.step()
    await resting.settle()
    assert not any(bus.topics["quarantine.events"])
    assert not any(bus.committed.values())

    bus.rewind()  # the process dies, and another begins
    monkeypatch.setattr(quorum, "PATIENCE", 0.0)
    consumer = Consumer(bus, work, quorum={"declaration", "tax"})
    await consumer.step()
    await consumer.settle()

    assert len([record for log in bus.topics["quarantine.events"] for record in log]) == 1
    assert sum(bus.committed.values()) == 1


async def test_the_envelope_comes_back_as_it_was_said(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing())])
    async with work.engine.connect() as connection:
        fact = (await of_subject(connection, "quarantine", a_declaration_id()))[0]

    message = read_message(Written("quarantine.events", 3, 0, b"", fact.body, headers_of(fact)))

    assert (message.subject, message.source, message.seq, message.type) == (
        fact.subject,
        "quarantine",
        1,
        fact.type,
    )
    assert not message.garbled


def test_a_record_of_another_source_than_its_topic_is_garbled() -> None:
    headers = [
        ("ce_id", f"{a_declaration_id()}/1".encode()),
        ("ce_source", b"/tax"),
        ("ce_type", b"tax.assessed.v1"),
    ]

    message = read_message(Written("quarantine.events", 3, 0, None, b"{}", headers))

    assert message.garbled
    assert message.seq == 0


def put(bus: MemoryBus, number: int) -> None:
    """The submission of a declaration on its topic."""
    message = a_message(a_filing(number))
    headers = {
        "ce_id": f"{message.subject}/1".encode(),
        "ce_source": b"/declaration",
        "ce_type": message.type.encode(),
    }
    bus.append("declaration.events", message.subject, message.body, headers)
