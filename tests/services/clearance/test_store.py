"""The case book's promise, kept in memory and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.clearance.domain import Case, PlaceHold, RevokePermit
from services.clearance.gates import Standing
from services.clearance.handlers import (
    SUBSCRIPTIONS,
    on_declarations_submitted,
    on_gates_spoken,
    on_holds_placed,
    on_permits_revoked,
)
from services.clearance.opening import has_issued
from services.clearance.permit import content
from services.clearance.store import SqlCaseBook
from shared.contracts.clearance import PermitIssued
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.reviews import read_review
from shared.runtime.stores import flush
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.clearance.words import (
    ID,
    Book,
    a_cancellation,
    all_pass,
    an_amendment,
    counts,
    customs,
    logistics,
    quarantine,
    tax,
    tax_committed,
    tell,
)
from tests.support.backends import fresh_database
from tests.support.builders import NOW, a_declaration_id
from tests.support.memory_clearance import MemoryCaseBook
from tests.support.statements import before_every_statement
from tests.support.toy import a_message, rows


@asynccontextmanager
async def a_database(admin_url: str) -> AsyncIterator[AsyncEngine]:
    """Clearance's, empty, on one connection."""
    async with fresh_database(admin_url, "clearance") as database:
        await migrate("clearance", database.owner_url)
        engine = open_engine(database.url, pool_size=1, name="test")
        yield engine
        await engine.dispose()


@pytest.fixture(params=["memory", "sql"])
async def book(request: pytest.FixtureRequest) -> AsyncIterator[Book]:
    if request.param == "memory":
        yield MemoryCaseBook()
        return
    async with (
        a_database(request.getfixturevalue("admin_url")) as engine,
        engine.connect() as connection,
    ):
        yield SqlCaseBook(connection, lambda: "key-1")


async def is_queued(book: Book, declaration_id: str) -> bool:
    if isinstance(book, MemoryCaseBook):
        return declaration_id in book.queue
    return await read_review(book.connection, declaration_id) is not None


async def test_a_case_never_heard_of_is_fresh(book: Book) -> None:
    assert await book.read([ID]) == {ID: Case(declaration_id=ID)}
    assert await book.by_permit("SW20250001000000001") is None
    assert counts(await book.tally()) == {}


async def test_a_case_comes_back_as_it_was_saved(book: Book) -> None:
    await tell(book, [customs("HELD"), tax(), an_amendment(), tax("HELD", version=2)])

    case = (await book.read([ID]))[ID]

    assert (case.version, case.status, case.superseded) == (2, "OPEN", 1)
    assert isinstance(case.standings[2], Standing)
    assert case.running.words["tax"].gate.status == "HELD"
    assert case.running.words["tax"].since == NOW
    assert str(case.running.tax_total) == "9.83"


async def test_permits_get_numbers_of_their_own_and_are_found_by_them(book: Book) -> None:
    ids = [a_declaration_id(number) for number in range(1, 21)]
    for word in (customs, tax, logistics):
        for one in ids:
            await tell(book, [word(declaration_id=one)])

    said = await on_gates_spoken([quarantine(declaration_id=one) for one in ids], book, NOW)
    await flush(book)

    numbers = {event.permit_no: event.declaration_id for event in said if isinstance(event, PermitIssued)}
    assert len(numbers) == 20
    for permit_no, declaration_id in numbers.items():
        case = await book.by_permit(permit_no)
        assert case is not None
        assert case.declaration_id == declaration_id
    assert counts(await book.tally()) == {"filed": 20, "permit": 20}


async def test_what_is_declared_is_kept_to_the_byte(book: Book) -> None:
    await tell(book, all_pass())
    case = (await book.read([ID]))[ID]

    text = await book.declared(case)

    assert text.startswith(b'{"carrier":"CARRIER001"')


async def test_a_version_is_declared_once(book: Book) -> None:
    await book.keep_declared({(ID, 1): b"{}", (ID, 2): b"{}"})

    with pytest.raises(Exception, match=r"once|unique"):
        await book.keep_declared({(ID, 1): b"{}"})


async def test_a_hold_is_in_the_queue_while_it_is_open(book: Book) -> None:
    await tell(book, [customs()])

    await on_holds_placed([PlaceHold(declaration_id=ID, officer="o-5", reason="a tip")], book, NOW)
    await flush(book)
    while_held = await is_queued(book, ID), counts(await book.tally())
    await tell(book, [a_cancellation()])

    assert while_held == (True, {"filed": 1, "held.clearance": 1, "open": 1})
    assert not await is_queued(book, ID)
    assert counts(await book.tally()) == {"cancelled": 1, "filed": 1}


async def test_who_has_claimed_a_hold_keeps_it_whatever_is_heard_meanwhile(admin_url: str) -> None:
    async with a_database(admin_url) as engine, engine.connect() as connection:
        book = SqlCaseBook(connection, lambda: "key-1")
        await tell(book, [customs()])
        await on_holds_placed([PlaceHold(declaration_id=ID, officer="o-5", reason="a tip")], book, NOW)
        await flush(book)
        await connection.execute(sa.text("update reviews set officer = 'o-6', lease_no = 1"))
        await tell(book, [tax(), logistics()])
        review = await read_review(connection, ID)

    assert review is not None
    assert (review.officer, review.lease_no) == ("o-6", 1)


async def test_whether_a_permit_was_issued_is_known_of_a_new_start(admin_url: str) -> None:
    async with a_database(admin_url) as engine, engine.connect() as connection:
        book = SqlCaseBook(connection, lambda: "key-1")
        before = await has_issued(connection)
        await tell(book, all_pass())
        after = await has_issued(connection)

    assert (before, after) == (False, True)


async def test_a_permit_covers_what_was_declared_in_its_transaction_or_before(admin_url: str) -> None:
    for cut in (0, 3):
        async with a_database(admin_url) as engine:
            work = UnitOfWork("clearance", engine, SqlCaseBook, SUBSCRIPTIONS)
            for part in (all_pass()[:cut], all_pass()[cut:]):
                await work.run([a_message(event) for event in part])
            async with engine.connect() as connection:
                book = SqlCaseBook(connection)
                case = (await book.read([ID]))[ID]
                covers = content(case, case.permit, await book.declared(case)) if case.permit else b""

        assert case.permit is not None
        assert sha256(covers).hexdigest() == case.permit.covers_sha256
        assert b'"order_no":"ORDER-1"' in covers


async def test_each_draft_has_the_text_of_its_running_version_wherever_that_was_kept(admin_url: str) -> None:
    before, now, both = ids = [str(a_declaration_id(number)) for number in (1, 2, 3)]
    async with a_database(admin_url) as engine:
        async with engine.begin() as connection:
            earlier = {(before, 1): b"first", (before, 2): b"second", (both, 1): b"one"}
            await SqlCaseBook(connection).keep_declared(earlier)
        async with engine.begin() as connection:
            book = SqlCaseBook(connection)
            await book.keep_declared({(now, 1): b"fresh", (now, 2): b"fresher", (both, 2): b"two"})
            running = zip(ids, (2, 2, 1), strict=True)
            drafts = await book.draft([Case(declaration_id=key, version=version) for key, version in running])

    assert [drafts[key].declared for key in ids] == [b"second", b"fresher", b"one"]


async def test_the_cases_of_a_poll_are_read_once_and_written_once(admin_url: str) -> None:
    seen: list[str] = []
    other = a_declaration_id(2)
    poll = [customs(), tax(declaration_id=other), quarantine(), logistics(), tax()]
    async with a_database(admin_url) as engine:
        work = UnitOfWork("clearance", engine, SqlCaseBook, SUBSCRIPTIONS)
        with before_every_statement(engine, lambda text: seen.append(" ".join(text.split()))):
            said = await work.run([a_message(event) for event in poll])

    assert [(fact.type, fact.subject) for fact, _ in said] == [("clearance.permit-issued.v1", ID)]
    assert len([text for text in seen if "from cases" in text]) == 1
    assert len([text for text in seen if text.startswith(("copy into cases", "update cases"))]) == 1


async def test_no_case_is_read_for_what_clearance_does_not_hear(admin_url: str) -> None:
    seen: list[str] = []
    async with a_database(admin_url) as engine:
        work = UnitOfWork("clearance", engine, SqlCaseBook, SUBSCRIPTIONS)
        with before_every_statement(engine, lambda text: seen.append(" ".join(text.split()))):
            await work.run([a_message(tax_committed())])
        moved = await rows(engine, "select heard_tax from heads")

    assert moved == [(1,)]
    assert [text for text in seen if "from cases" in text] == []


async def test_a_revocation_is_kept(book: Book) -> None:
    await tell(book, all_pass())
    at = datetime(2025, 6, 3, tzinfo=UTC)

    await on_permits_revoked([RevokePermit(declaration_id=ID, officer="o-5", reason="forged")], book, at)
    await flush(book)

    permit = (await book.read([ID]))[ID].permit
    assert permit is not None
    assert permit.revocation is not None
    assert permit.revocation.revoked_at == at


async def test_a_batch_of_submissions_is_kept_whole(book: Book) -> None:
    ids = [a_declaration_id(number) for number in range(1, 301)]
    batch = [customs(declaration_id=one) for one in ids]

    await on_declarations_submitted(batch, book, NOW)
    await flush(book)

    assert len(await book.read(ids)) == 300
    assert counts(await book.tally()) == {"filed": 300, "open": 300}
