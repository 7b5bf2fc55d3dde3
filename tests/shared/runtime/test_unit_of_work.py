"""One wave, one transaction: what is next, early, repeated, poison, over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.envelope import AnyEvent
from shared.runtime.bus import Message
from shared.runtime.failures import is_transient
from shared.runtime.relay import drain
from shared.runtime.unit_of_work import UnitOfWork
from shared.runtime.waves import Said
from tests.support.toy import POISON, a_cancellation, a_filing, a_message, rows, said


async def balance(work: UnitOfWork, buyer: str = "b") -> object:
    found = await rows(work.engine, f"select sum from balances where buyer = '{buyer}'")
    return found[0][0] if found else 0


async def test_a_fresh_message_is_handled_and_its_fact_goes_to_the_partition_it_came_from(
    work: UnitOfWork,
) -> None:
    said = await work.run([a_message(a_filing())])

    assert [(fact.source, fact.seq, partition) for fact, partition in said] == [("quarantine", 1, 3)]
    assert await balance(work) == 1


async def test_a_repeat_changes_nothing_and_says_again_what_it_caused(work: UnitOfWork) -> None:
    first = await work.run([a_message(a_filing())])

    again = await work.run([a_message(a_filing())])

    assert [(f.subject, f.seq, f.type, f.body) for f, _ in again] == [
        (f.subject, f.seq, f.type, f.body) for f, _ in first
    ]
    assert await balance(work) == 1


async def test_a_repeat_says_again_only_what_this_very_input_caused(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(version=1), 1)])
    await work.run([a_message(a_filing(version=2), 2)])

    again = await work.run([a_message(a_filing(version=1), 1)])

    assert [fact.version for fact, _ in again] == [1]


async def test_what_comes_early_waits_and_is_applied_once_the_gap_has_filled(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(version=2), 2)])
    assert await balance(work) == 0

    await work.run([a_message(a_filing(version=1), 1)])
    await drain(work.engine, work)

    assert await balance(work) == 2
    assert await rows(work.engine, "select count(*) from waiting") == [(0,)]
    assert await rows(work.engine, "select waiting from heads") == [(0,)]


async def test_facts_of_a_drained_message_get_an_outbox_row_since_kafka_will_not_bring_it_again(
    work: UnitOfWork,
) -> None:
    await work.run([a_message(a_filing(version=2), 2)])
    await work.run([a_message(a_filing(version=1), 1)])

    await drain(work.engine, work)

    assert (2,) in await rows(work.engine, "select seq from outbox")


async def test_poison_is_parked_alone_and_the_rest_of_the_batch_goes_on(work: UnitOfWork) -> None:
    batch = [
        a_message(a_filing(number, order_no=POISON if number == 3 else "ORDER")) for number in range(1, 9)
    ]

    said = await work.run(batch)

    assert len(said) == 7
    assert await balance(work) == 7
    assert await rows(work.engine, "select state, error_class, attempts from waiting") == [
        ("parked", "ValueError", 1)
    ]


async def test_a_malformed_body_is_parked_and_what_follows_for_the_same_declaration_waits_behind_it(
    work: UnitOfWork,
) -> None:
    await work.run([a_message(a_filing(version=1), 1, body=b"{not json")])
    await work.run([a_message(a_filing(version=2), 2)])

    waits = await rows(work.engine, "select seq, state from waiting order by seq")

    assert waits == [(1, "parked"), (2, "early")]
    assert await balance(work) == 0


async def test_a_good_copy_of_a_parked_message_takes_its_place(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(), 1, body=b"{not json")])

    await work.run([a_message(a_filing(), 1)])

    assert await balance(work) == 1
    assert await rows(work.engine, "select count(*) from waiting") == [(0,)]


async def test_a_record_without_a_readable_envelope_is_parked_under_its_place(work: UnitOfWork) -> None:
    garbled = a_message(a_filing())._replace(seq=0, garbled="KeyError: 'ce_id'")

    await work.run([garbled])
    await work.run([garbled])

    assert await rows(work.engine, "select state, error_class, attempts from waiting") == [
        ("parked", "Unreadable", 2)
    ]


async def test_a_type_that_no_contract_knows_is_parked_never_guessed(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing())._replace(type="declaration.sung.v9")])

    assert await rows(work.engine, "select error_class from waiting") == [("UnknownType",)]


async def test_what_no_table_can_hold_is_parked_all_the_same(work: UnitOfWork) -> None:
    odd = a_message(a_filing())._replace(type="declaration.\x00.v1" + "x" * 100_000)

    assert await work.run([odd, a_message(a_filing(), 2)._replace(type="early.\x00")]) == []

    kept = await rows(work.engine, "select seq, state, length(type) from waiting order by seq")
    assert kept == [(1, "parked", 2001), (2, "early", 8)]


async def test_a_submission_heard_after_its_cancellation_reserves_nothing(work: UnitOfWork) -> None:
    await work.run([a_message(a_cancellation(), 1)])

    said = await work.run([a_message(a_filing(), 1)])

    assert said == []
    assert await balance(work) == 0
    assert await rows(work.engine, "select heard_declaration from heads") == [(1,)]


async def test_two_consumers_of_the_same_batch_have_one_effect(work: UnitOfWork) -> None:
    batch = [a_message(a_filing(number)) for number in range(1, 40)]

    await asyncio.gather(*(patiently(work, each) for each in (batch, batch, batch[::-1])))

    assert await balance(work) == 39
    assert await rows(work.engine, "select count(*), max(seq) from facts") == [(39, 1)]


async def test_poison_between_messages_of_one_declaration_holds_only_what_follows_it(
    work: UnitOfWork,
) -> None:
    orders = ["ORDER", POISON, "ORDER"]
    batch = [a_message(a_filing(version=v, order_no=order), v) for v, order in enumerate(orders, start=1)]

    await work.run([*batch, a_message(a_filing(2))])

    assert await balance(work) == 2
    assert await rows(work.engine, "select seq, state from waiting order by seq") == [
        (2, "parked"),
        (3, "early"),
    ]


async def test_of_two_consumers_of_a_first_message_each_says_what_it_caused_since_the_other_may_die(
    work: UnitOfWork,
) -> None:
    for number in range(1, 20):
        message = a_message(a_filing(number))

        spoken = await asyncio.gather(*(patiently(work, [message]) for _ in range(3)))

        assert [[fact.seq for fact, _ in said] for said in spoken] == [[1], [1], [1]]


async def test_of_two_first_messages_at_once_neither_is_parked(work: UnitOfWork) -> None:
    for number in range(1, 20):
        filed, ended = a_message(a_filing(number)), a_message(a_cancellation(number))

        await asyncio.gather(*(patiently(work, [message]) for message in (filed, ended, filed, ended)))

    assert await rows(work.engine, "select * from waiting") == []


async def patiently(work: UnitOfWork, messages: list[Message]) -> Said:
    """As the consumer does: what may succeed later is tried again."""
    while True:
        try:
            return await work.run(messages)
        except Exception as error:
            if not is_transient(error):
                raise


async def test_of_a_good_copy_that_comes_early_and_a_cut_one_behind_it_the_good_one_is_kept(
    work: UnitOfWork,
) -> None:
    """In one batch: 2, then 1, then a copy of 2 whose body is cut and which is next by then."""
    good = a_message(a_filing(version=2), 2)

    await work.run([good, a_message(a_filing(version=1), 1), good._replace(body=good.body[:40])])
    await drain(work.engine, work)

    assert await balance(work) == 2
    assert await rows(work.engine, "select waiting from heads") == [(0,)]


async def test_an_unreadable_copy_does_not_take_the_place_of_a_good_one_that_is_held(
    work: UnitOfWork,
) -> None:
    cut = b"{not json"
    await work.run([a_message(a_filing(1, order_no=POISON))])
    await work.run([a_message(a_filing(1), body=cut)])
    await work.run([a_message(a_filing(2, version=2), 2)])
    await work.run([a_message(a_filing(2, version=2), 2, body=cut)])

    kept = await rows(work.engine, "select state, error_class, body from waiting order by seq")

    assert [(state, kind) for state, kind, _ in kept] == [("parked", "ValueError"), ("early", "")]
    assert cut not in [body for *_, body in kept]


async def test_what_was_parked_and_comes_again_is_left_to_the_relay_since_its_offset_may_have_gone(
    work: UnitOfWork,
) -> None:
    message = a_message(a_filing(order_no=POISON))
    await work.run([message])
    cured = replace(work, subscriptions={DeclarationSubmitted: on_cured})

    told = await cured.run([message])

    assert told == []
    assert await rows(work.engine, "select seq from outbox") == [(1,)]
    assert await rows(work.engine, "select count(*) from waiting") == [(0,)]


async def on_cured(batch: Sequence[DeclarationSubmitted], _store: object, _now: datetime) -> list[AnyEvent]:
    """What the toy says, of poison too."""
    return [said(each) for each in batch]
