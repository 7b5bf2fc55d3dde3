"""The runtime's books: the same promise on PostgreSQL and in memory, so that a simulation means something."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.codec import Unreadable
from shared.contracts.envelope import Cause
from shared.runtime.bus import Message
from tests.support.shelf import LONG_AGO, ONE, TWO, Shelf, a_fact
from tests.support.toy import Lapse, a_filing, a_message


async def test_a_head_is_made_when_it_is_missing_and_kept_with_its_transaction(shelf: Shelf) -> None:
    async with shelf.engine.begin() as connection:
        heads = await shelf.books.lock_heads(connection, [TWO, ONE, TWO])
        heads[ONE].take_seq()
        await shelf.books.save_heads(connection, heads.values())

    assert ((await shelf.head(ONE)).next_seq, (await shelf.head(TWO)).next_seq) == (2, 1)


async def test_of_the_cursors_only_those_that_are_named_are_written(shelf: Shelf) -> None:
    await shelf.make_head()
    head = await shelf.head()
    head.heard |= {"declaration": 4, "clearance": 7}
    head.version, head.closed_through = 3, 2

    async with shelf.engine.begin() as connection:
        await shelf.books.lock_heads(connection, [ONE])
        await shelf.books.save_heads(connection, [head], ["declaration"])

    kept = await shelf.head()
    assert (kept.heard["declaration"], kept.heard["clearance"]) == (4, 0)
    assert (kept.version, kept.closed_through) == (3, 2)


async def test_of_the_cursors_of_a_new_head_too_only_those_that_are_named_are_written(shelf: Shelf) -> None:
    async with shelf.engine.begin() as connection:
        head = (await shelf.books.lock_heads(connection, [ONE]))[ONE]
        head.heard |= {"declaration": 1, "tax": 2, "clearance": 7}
        await shelf.books.save_heads(connection, [head], ["declaration", "tax"])

    kept = await shelf.head()
    assert {source: seq for source, seq in kept.heard.items() if seq} == {"declaration": 1, "tax": 2}


async def test_who_waits_for_a_head_reads_what_its_last_writer_saved(shelf: Shelf) -> None:
    await shelf.make_head()

    async def count() -> None:
        async with shelf.engine.begin() as connection:
            head = (await shelf.books.lock_heads(connection, [ONE]))[ONE]
            await asyncio.sleep(0)
            head.take_seq()
            await shelf.books.save_heads(connection, [head])

    await asyncio.gather(*(count() for _ in range(4)))

    assert (await shelf.head()).next_seq == 5


async def test_of_two_who_make_a_head_the_second_is_told(shelf: Shelf) -> None:
    both_have_looked = asyncio.Barrier(2)

    async def make() -> None:
        async with shelf.engine.begin() as connection:
            heads = await shelf.books.lock_heads(connection, [ONE])
            await both_have_looked.wait()
            heads[ONE].take_seq()
            await shelf.books.save_heads(connection, heads.values())

    ends = await asyncio.gather(make(), make(), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "RowTaken"]
    assert (await shelf.head()).next_seq == 2


async def test_what_is_not_committed_never_was(shelf: Shelf) -> None:
    with suppress(KeyError):
        async with shelf.engine.begin() as connection:
            heads = await shelf.books.lock_heads(connection, [ONE])
            heads[ONE].take_seq()
            await shelf.books.save_heads(connection, heads.values())
            await shelf.books.insert_facts(connection, [a_fact()])
            raise KeyError

    assert (await shelf.head()).next_seq == 1
    await shelf.keep(a_fact(), due_at=LONG_AGO)


async def test_a_second_fact_of_one_number_is_an_error(shelf: Shelf) -> None:
    await shelf.keep(a_fact())

    with pytest.raises(Exception, match=r"(?i)duplicate|already"):
        await shelf.keep(a_fact())


async def test_what_an_input_caused_is_found_by_that_very_input(shelf: Shelf) -> None:
    first, second = Cause("declaration", 1), Cause("declaration", 2)
    await shelf.keep(a_fact(1, 1, first), a_fact(1, 2, first), a_fact(1, 3, second), a_fact(2, 1, first))

    async with shelf.engine.begin() as connection:
        found = await shelf.books.caused_by(connection, "quarantine", [(ONE, "declaration", 1)])
        none = await shelf.books.caused_by(connection, "quarantine", [])

    assert [(fact.subject, fact.seq) for fact in found] == [(ONE, 1), (ONE, 2)]
    assert found[0] == a_fact(1, 1, first)
    assert none == []


async def test_the_outbox_gives_the_lowest_of_each_declaration_until_it_is_deleted(shelf: Shelf) -> None:
    await shelf.keep(a_fact(1, 1), a_fact(1, 2), a_fact(2, 1), due_at=LONG_AGO)
    before = await shelf.pending()

    async with shelf.engine.begin() as connection:
        await shelf.books.delete_outbox(connection, [a_fact(1, 1)])

    assert sorted(before) == [(ONE, 1), (TWO, 1)]
    assert sorted(await shelf.pending()) == [(ONE, 2), (TWO, 1)]


async def test_the_outbox_keeps_what_is_not_due_and_what_follows_it(shelf: Shelf) -> None:
    await shelf.keep(a_fact(1, 1), due_at=datetime.now(UTC) + timedelta(hours=1))
    await shelf.keep(a_fact(1, 2), due_at=LONG_AGO)

    assert await shelf.pending() == []


async def test_what_one_relay_has_in_hand_another_passes_over(shelf: Shelf) -> None:
    await shelf.keep(a_fact(1, 1), a_fact(1, 2), due_at=LONG_AGO)

    async with shelf.engine.begin() as connection:
        mine = await shelf.books.pending(connection, "quarantine", 9)
        theirs = await shelf.pending()

    assert ([fact.seq for fact in mine], theirs) == ([1], [])


async def test_what_comes_early_waits_once_and_is_given_when_it_is_next(shelf: Shelf) -> None:
    second = a_message(a_filing(), 2)
    await shelf.put(second)
    head = await shelf.put(second)
    async with shelf.engine.connect() as connection:
        before = await shelf.books.next_waiting(connection, 9)

    async with shelf.engine.begin() as connection:
        heads = await shelf.books.lock_heads(connection, [ONE])
        heads[ONE].heard["declaration"] = 1
        await shelf.books.save_heads(connection, heads.values())
    async with shelf.engine.connect() as connection:
        after = await shelf.books.next_waiting(connection, 9)

    assert head.waiting == 1
    assert before == []
    assert after == [second._replace(partition=None)]


async def test_what_is_parked_counts_its_attempts_and_is_not_given_until_it_is_cleared(shelf: Shelf) -> None:
    message = a_message(a_filing(), 1)
    for _ in range(2):
        async with shelf.engine.begin() as connection:
            heads = await shelf.books.lock_heads(connection, [ONE])
            await shelf.books.park(connection, [(message, ValueError("no"))], heads, LONG_AGO)
            await shelf.books.save_heads(connection, heads.values())
    async with shelf.engine.connect() as connection:
        assert await shelf.books.next_waiting(connection, 9) == []
    assert (await shelf.head()).waiting == 1

    async with shelf.engine.begin() as connection:
        heads = await shelf.books.lock_heads(connection, [ONE])
        await shelf.books.clear(connection, [message, a_message(a_filing(), 2)], heads)
        await shelf.books.save_heads(connection, heads.values())

    assert (await shelf.head()).waiting == 0


async def test_a_deadline_is_taken_once_and_only_when_it_is_due(shelf: Shelf) -> None:
    late, early = Lapse(declaration_id=ONE, version=1), Lapse(declaration_id=TWO, version=1)
    await shelf.set(LONG_AGO, late)
    await shelf.set(datetime.now(UTC) + timedelta(hours=1), early)
    keys = [(ONE, "Lapse", 1), (TWO, "Lapse", 1)]

    async with shelf.engine.begin() as connection:
        due = await shelf.books.due_deadlines(connection, ["Lapse"], 9)
        taken = await shelf.books.take_deadlines(connection, keys)
        again = await shelf.books.take_deadlines(connection, keys)

    assert due == keys[:1]
    assert (len(taken), again) == (1, [])


async def test_a_deadline_that_is_postponed_is_not_due(shelf: Shelf) -> None:
    await shelf.set(LONG_AGO, Lapse(declaration_id=ONE, version=1))

    async with shelf.engine.begin() as connection:
        await shelf.books.postpone_deadline(connection, (ONE, "Lapse", 1))
    async with shelf.engine.begin() as connection:
        due = await shelf.books.due_deadlines(connection, ["Lapse"], 9)

    assert due == []


async def test_what_came_early_and_cannot_be_read_is_parked_when_it_is_next(shelf: Shelf) -> None:
    message = a_message(a_filing(), 2)
    copy = message._replace(body=b"{cut")
    await shelf.put(message)

    async def park(what: Message) -> list[Message]:
        async with shelf.engine.begin() as connection:
            heads = await shelf.books.lock_heads(connection, [ONE])
            heads[ONE].heard["declaration"] = 1
            await shelf.books.park(connection, [(what, Unreadable("no"))], heads, LONG_AGO)
            await shelf.books.save_heads(connection, heads.values())
            return await shelf.books.next_waiting(connection, 9)

    assert await park(copy) == [message._replace(partition=None)]
    assert await park(message) == []
    assert (await shelf.head()).waiting == 1


async def test_deadlines_of_a_kind_that_nobody_here_knows_keep_no_other_waiting(shelf: Shelf) -> None:
    await shelf.set(LONG_AGO, Lapse(declaration_id=ONE, version=1))

    async with shelf.engine.begin() as connection:
        unknown = await shelf.books.due_deadlines(connection, ["Another"], 9)
        known = await shelf.books.due_deadlines(connection, ["Another", "Lapse"], 9)

    assert (unknown, known) == ([], [(ONE, "Lapse", 1)])


async def test_a_period_is_read_in_pages_in_key_order(shelf: Shelf) -> None:
    await shelf.keep(a_fact(2, 1), a_fact(1, 2), a_fact(1, 1), a_fact(1, 3, at=LONG_AGO + timedelta(days=9)))
    period = (LONG_AGO, LONG_AGO + timedelta(days=1))

    async with shelf.engine.connect() as connection:
        first = await shelf.books.of_period(connection, "quarantine", period, (ONE, 0), 2)
        second = await shelf.books.of_period(connection, "quarantine", period, (ONE, 2), 2)

    assert [(fact.subject, fact.seq) for fact in first + second] == [(ONE, 1), (ONE, 2), (TWO, 1)]
