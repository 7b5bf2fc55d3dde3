"""Asides: what no handler wants moves a cursor, if it is next; otherwise it is handled like the rest."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client import REGISTRY

from shared.contracts.declaration import CancellationRequested
from shared.runtime.bus import Message
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.builders import PARTIES, a_declaration_id
from tests.support.shelf import ONE, TWO, Shelf
from tests.support.toy import a_cancellation, a_filing, a_message, rows


async def test_cursors_pass_over_what_is_next_and_what_is_not_is_left(shelf: Shelf) -> None:
    await shelf.make_head()
    tax, early = a_word("tax", 1), a_word("logistics", 2)
    stranger = a_word("tax", 1, TWO)

    async with shelf.engine.begin() as connection:
        left = await shelf.books.pass_over(connection, [stranger, tax])
    assert list(left) == [stranger], "it has no head"

    async with shelf.engine.begin() as connection:
        left = await shelf.books.pass_over(connection, [a_word("tax", 2), early])
    assert sorted(message.source for message in left) == ["logistics", "tax"], (
        "all of a declaration's, or none"
    )

    async with shelf.engine.begin() as connection:
        assert list(await shelf.books.pass_over(connection, [tax])) == [tax], "a repeat"
        assert not await shelf.books.pass_over(connection, [a_word("tax", 2), a_word("logistics", 1)])

    head = await shelf.head()
    assert (head.heard["tax"], head.heard["logistics"], head.heard["clearance"]) == (2, 1, 0)


async def test_cursors_pass_over_nothing_where_something_waits(shelf: Shelf) -> None:
    await shelf.put(a_message(a_filing(1), 2))
    message = a_word("tax", 1)

    async with shelf.engine.begin() as connection:
        assert list(await shelf.books.pass_over(connection, [message])) == [message]


def a_word(source: str, seq: int, subject: str = ONE) -> Message:
    """A message that no handler wants."""
    return Message(subject, source, seq, f"{source}.said.v1", b"{}")


async def test_what_no_handler_wants_moves_its_cursor_and_nothing_else(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing())])
    requested = a_request()

    told = await work.run([a_message(requested, 2, body=b"not even JSON")])
    again = await work.run([a_message(requested, 2), a_message(a_cancellation(), 1)])

    assert (told, again) == ([], [])
    heard = "select heard_declaration, heard_clearance, next_seq, waiting from heads"
    assert await rows(work.engine, heard) == [(2, 1, 2, 0)]


async def test_what_no_handler_wants_and_comes_early_waits_like_the_rest(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing())])
    issued = "clearance.permit-issued.v1"

    await work.run([Message(a_declaration_id(), "clearance", 2, issued, b"{}")])

    assert await rows(work.engine, "select source, seq, state from waiting") == [("clearance", 2, "early")]


async def test_what_passes_is_counted_once_whichever_way_it_goes(work: UnitOfWork) -> None:
    before = counted()

    await work.run([a_message(a_request(), 1)])  # there is no head yet: it goes the way of the rest
    await work.run([a_message(a_request(), 1)])  # a repeat
    await work.run([a_message(a_request(), 2)])

    assert counted() - before == 2


def a_request() -> CancellationRequested:
    return CancellationRequested(
        declaration_id=a_declaration_id(),
        version=1,
        parties=PARTIES,
        request_id="r",
        requested_at=datetime(2026, 1, 2, tzinfo=UTC),
        reason="changed my mind",
    )


def counted() -> float:
    """How many the toy has handled."""
    labels = {"service": "quarantine", "type": "declaration.cancellation-requested.v1"}
    return REGISTRY.get_sample_value("events_handled_total", labels) or 0.0
