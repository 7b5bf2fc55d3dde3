"""Returns under the case: admitted, refused, completed, lapsed; the same on the fake and on real tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.clearance.domain import RevokePermit
from services.clearance.handlers import on_permits_revoked
from services.clearance.returns import NotAdmitted
from services.clearance.store import SqlCaseBook
from shared.contracts.clearance import RequestRefused, ReturnAdmitted, ReturnCompleted, ReturnLapsed
from shared.contracts.declaration import ReturnRequested
from shared.contracts.logistics import GoodsReturned, ReturnOverdue
from shared.kernel.goods import ReturnedLine, ReturnedPart
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from shared.runtime.stores import flush
from tests.services.clearance.words import (
    ID,
    Book,
    a_cancellation,
    all_pass,
    an_amendment,
    customs,
    logistics,
    quarantine,
    tax,
    tell,
    whom,
)
from tests.support.backends import fresh_database
from tests.support.builders import NOW, a_declaration_id
from tests.support.memory_clearance import MemoryCaseBook

FIRST, SECOND = a_declaration_id(71), a_declaration_id(72)
LAST_TO_ASK = datetime.fromisoformat("2025-07-02T23:59:59+08:00")
TOO_LATE = LAST_TO_ASK + timedelta(seconds=1)
BACK_BY = datetime.fromisoformat("2025-07-18T00:00:00+08:00")
"""Released at `NOW`, 17:00 of 2 June in Shanghai."""


@pytest.fixture(params=["memory", "sql"])
async def book(request: pytest.FixtureRequest) -> AsyncIterator[Book]:
    if request.param == "memory":
        yield MemoryCaseBook()
        return
    async with fresh_database(request.getfixturevalue("admin_url"), "clearance") as database:
        await migrate("clearance", database.owner_url)
        engine = open_engine(database.url, pool_size=1, name="test")
        async with engine.connect() as connection:
            yield SqlCaseBook(connection, lambda: "key-1")
        await engine.dispose()


def a_return(
    quantity: str = "1", request_id: str = FIRST, at: datetime = NOW, line_no: int = 1, **to: Any
) -> ReturnRequested:
    lines = (ReturnedLine(line_no=line_no, quantity=Decimal(quantity)),)
    return ReturnRequested(
        request_id=request_id, requested_at=at, reason="it does not fit", lines=lines, **whom(**to)
    )


def back(request_id: str = FIRST) -> GoodsReturned:
    return GoodsReturned(
        request_id=request_id, arrived_at=NOW, site="PVG", packages=1, gross_weight=Decimal("0.6"), **whom()
    )


def overdue(request_id: str = FIRST) -> ReturnOverdue:
    return ReturnOverdue(request_id=request_id, **whom())


async def refusal(book: Book, wish: ReturnRequested) -> RequestRefused:
    (said,) = await tell(book, [wish])
    assert isinstance(said, RequestRefused)
    return said


async def test_a_return_is_admitted_with_its_deadline(book: Book) -> None:
    await tell(book, all_pass())

    (said,) = await tell(book, [a_return()])

    assert isinstance(said, ReturnAdmitted)
    assert (said.request_id, said.released_at, said.back_by) == (FIRST, NOW, BACK_BY)
    assert said.lines == (ReturnedPart(line_no=1, quantity=Decimal(1), declared=Decimal(2)),)
    assert said.parties == all_pass()[0].parties


@pytest.mark.parametrize(("at", "is_admitted"), [(LAST_TO_ASK, True), (TOO_LATE, False)])
async def test_the_last_day_to_ask_counts_to_its_end(book: Book, at: datetime, is_admitted: bool) -> None:
    await tell(book, all_pass())

    (said,) = await tell(book, [a_return(at=at)])

    assert isinstance(said, ReturnAdmitted) is is_admitted
    if isinstance(said, RequestRefused):
        assert (said.code, said.rule) == ("E-RETURN-WINDOW", "must_come_in_time")
        assert said.source == "Customs announcement 45/2020"
        for moment in ("2025-06-02T17:00:00+08:00", "2025-07-03T00:00:00+08:00", "2025-07-18T00:00:00+08:00"):
            assert moment in said.reason


async def test_nothing_goes_back_that_was_never_let_go(book: Book) -> None:
    await tell(book, [customs(), tax(), quarantine()])

    said = await refusal(book, a_return())

    assert (said.code, said.rule) == ("E-STATE", "must_be_released")
    assert said.fix
    assert said.source


@pytest.mark.parametrize("end", ["refused", "cancelled"])
async def test_nothing_goes_back_of_what_ended_without_a_permit(book: Book, end: str) -> None:
    last = logistics("REFUSED") if end == "refused" else a_cancellation()
    await tell(book, [customs(), tax(), quarantine(), last])

    assert (await refusal(book, a_return())).code == "E-STATE"


async def test_a_revoked_permit_lets_nobody_return(book: Book) -> None:
    await tell(book, all_pass())
    order = RevokePermit(declaration_id=ID, officer="o", reason="in error")
    await on_permits_revoked([order], book, NOW)
    await flush(book)

    said = await refusal(book, a_return())

    assert said.code == "E-STATE"
    assert "revoked" in said.reason


async def test_a_return_is_of_the_version_that_was_released(book: Book) -> None:
    await tell(book, [customs(), tax(), an_amendment(), *all_pass(version=2)])

    assert (await refusal(book, a_return(version=1))).code == "E-SEQ-STALE"
    (said,) = await tell(book, [a_return(request_id=SECOND, version=2)])
    assert isinstance(said, ReturnAdmitted)


@pytest.mark.parametrize(
    ("quantity", "line_no", "code", "pointer"),
    [
        ("3", 1, "E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("1", 2, "E-RETURN-LINE", "/lines/0/line_no"),
        ("0", 1, "E-RETURN-QUANTITY", "/lines/0/quantity"),
    ],
)
async def test_what_is_asked_for_is_declared(
    book: Book, quantity: str, line_no: int, code: str, pointer: str
) -> None:
    await tell(book, all_pass())

    said = await refusal(book, a_return(quantity, line_no=line_no))

    assert (said.code, said.pointer) == (code, pointer)


async def test_earlier_returns_leave_less_whether_back_or_still_awaited(book: Book) -> None:
    await tell(book, all_pass())
    await tell(book, [a_return("1")])

    assert (await refusal(book, a_return("2", SECOND))).code == "E-RETURN-QUANTITY"
    await tell(book, [back(), a_return("1", SECOND)])
    assert (await refusal(book, a_return("1", a_declaration_id(73)))).code == "E-RETURN-NOTHING"


async def test_goods_that_are_back_complete_the_return_once(book: Book) -> None:
    await tell(book, [*all_pass(), a_return()])

    (said,) = await tell(book, [back()])

    assert isinstance(said, ReturnCompleted)
    assert (said.request_id, said.site) == (FIRST, "PVG")
    assert said.lines == (ReturnedPart(line_no=1, quantity=Decimal(1), declared=Decimal(2)),)
    assert await tell(book, [back()]) == []
    assert await tell(book, [overdue()]) == []


async def test_goods_that_are_not_back_in_time_are_free_to_go_back_again(book: Book) -> None:
    await tell(book, [*all_pass(), a_return("2")])

    (said,) = await tell(book, [overdue()])

    assert isinstance(said, ReturnLapsed)
    assert said.back_by == BACK_BY
    (again,) = await tell(book, [a_return("2", SECOND)])
    assert isinstance(again, ReturnAdmitted)
    assert await tell(book, [back()]) == []


async def test_a_word_about_a_return_that_nobody_admitted_is_wrong(book: Book) -> None:
    await tell(book, all_pass())

    with pytest.raises(NotAdmitted):
        await tell(book, [back()])


async def test_the_time_of_asking_counts_not_that_of_hearing(book: Book) -> None:
    await tell(book, all_pass())
    late = replace(a_return(), requested_at=TOO_LATE + timedelta(days=300))

    assert (await refusal(book, late)).code == "E-RETURN-WINDOW"
