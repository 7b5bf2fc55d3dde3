"""Returned goods: awaited, reported back, overdue; the same on the fake and on real tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.logistics.handlers import on_arrivals_reported
from services.logistics.restoring import on_returns_admitted, on_returns_overdue, on_returns_reported
from services.logistics.returns import TO_REPORT, NotBooked, ReportReturn, ReturnsOverdue
from shared.contracts.clearance import ReturnAdmitted
from shared.contracts.envelope import Event
from shared.contracts.logistics import GoodsReturned, ReturnOverdue
from shared.kernel.goods import ReturnedPart
from shared.kernel.refusal import Refusal
from tests.services.logistics.words import ONE, Desk, an_order, deadlines, filed
from tests.support.builders import NOW, PARTIES, a_declaration_id

FIRST, SECOND = a_declaration_id(71), a_declaration_id(72)
BACK_BY = NOW + timedelta(days=45)
PARTS = (ReturnedPart(line_no=1, quantity=Decimal(1), declared=Decimal(2)),)


async def awaited(desk: Desk, request_id: str = FIRST, version: int = 1) -> None:
    admitted = ReturnAdmitted(
        declaration_id=ONE,
        version=version,
        parties=PARTIES,
        request_id=request_id,
        lines=PARTS,
        released_at=NOW,
        back_by=BACK_BY,
    )
    assert await on_returns_admitted([admitted], desk, NOW) == []


def a_report(**changes: Any) -> ReportReturn:
    report = ReportReturn(
        declaration_id=ONE,
        carrier="CARRIER001",
        waybill_no="WAYBILL-1",
        request_id=FIRST,
        arrived_at=NOW + timedelta(days=3),
        site="PVG",
        packages=1,
        gross_weight=Decimal("0.6"),
    )
    return replace(report, **changes)


async def report(desk: Desk, now: datetime = NOW + timedelta(days=4), **changes: Any) -> list[Event]:
    return await on_returns_reported([a_report(**changes)], desk, now)


async def refused(desk: Desk, now: datetime = NOW + timedelta(days=4), **changes: Any) -> tuple[str, str]:
    """Code and rule."""
    with pytest.raises(Refusal) as caught:
        await report(desk, now, **changes)
    assert caught.value.fix
    return caught.value.code, caught.value.rule


async def overdue(desk: Desk) -> list[Event]:
    return await on_returns_overdue([ReturnsOverdue(declaration_id=ONE, version=1)], desk, BACK_BY)


async def test_goods_back_in_time_are_said_once(desk: Desk) -> None:
    await filed(desk, {})
    await awaited(desk)

    (said,) = await report(desk)

    assert isinstance(said, GoodsReturned)
    assert (said.request_id, said.site, said.gross_weight) == (FIRST, "PVG", Decimal("0.6"))
    assert said.parties == PARTIES
    assert await report(desk) == []
    assert await overdue(desk) == []


async def test_all_returns_of_a_release_have_one_deadline(desk: Desk) -> None:
    await filed(desk, {})
    await awaited(desk)
    await awaited(desk, SECOND)

    due = {each for each in await deadlines(desk) if each[1] == "ReturnsOverdue"}

    assert due == {(BACK_BY + TO_REPORT, "ReturnsOverdue", ONE, 1)}


async def test_what_nobody_reports_is_overdue_and_comes_too_late_then(desk: Desk) -> None:
    await filed(desk, {})
    await awaited(desk)
    await awaited(desk, SECOND)
    await report(desk)

    (said,) = await overdue(desk)

    assert isinstance(said, ReturnOverdue)
    assert said.request_id == SECOND
    assert await refused(desk, request_id=SECOND) == ("E-RETURN-WINDOW", "must_be_in_time")


@pytest.mark.parametrize(
    ("arrived_at", "code"),
    [
        (NOW - timedelta(seconds=1), "E-LOG-ARRIVAL-TIME"),
        (NOW, ""),
        (BACK_BY - timedelta(seconds=1), ""),
        (BACK_BY, "E-RETURN-WINDOW"),
    ],
)
async def test_goods_are_back_between_release_and_deadline(
    desk: Desk, arrived_at: datetime, code: str
) -> None:
    await filed(desk, {})
    await awaited(desk)

    if code:
        assert (await refused(desk, BACK_BY, arrived_at=arrived_at))[0] == code
    else:
        assert await report(desk, BACK_BY, arrived_at=arrived_at)


@pytest.mark.parametrize(
    ("ahead", "is_taken"), [(timedelta(minutes=10), True), (timedelta(minutes=11), False)]
)
async def test_nothing_is_back_in_the_future(desk: Desk, ahead: timedelta, is_taken: bool) -> None:
    await filed(desk, {})
    await awaited(desk)

    if is_taken:
        assert await report(desk, NOW, arrived_at=NOW + ahead)
    else:
        assert await refused(desk, NOW, arrived_at=NOW + ahead) == (
            "E-LOG-ARRIVAL-TIME",
            "must_have_happened",
        )


async def test_goods_come_back_to_the_site_they_came_in_by(desk: Desk) -> None:
    await filed(desk, {})
    await on_arrivals_reported([an_order()], desk, NOW)
    await awaited(desk)

    assert await refused(desk, site="CAN-1") == ("E-LOG-RETURN-SITE", "must_be_where_it_came")
    assert await report(desk, site="PVG")


@pytest.mark.parametrize(("weight", "is_taken"), [("1.7", True), ("1.71", False)])
async def test_no_more_comes_back_than_ever_came(desk: Desk, weight: str, is_taken: bool) -> None:
    await filed(desk, {})  # 1.2 kg booked; half a kilogram is the margin
    await awaited(desk)

    if is_taken:
        assert await report(desk, gross_weight=Decimal(weight))
    else:
        assert await refused(desk, gross_weight=Decimal(weight)) == (
            "E-LOG-RETURN-WEIGHT",
            "must_not_weigh_more",
        )


@pytest.mark.parametrize(
    "changes",
    [{"carrier": "CARRIER002"}, {"waybill_no": "W-9"}, {"request_id": SECOND}, {"declaration_id": None}],
)
async def test_only_its_carrier_reports_a_return_under_its_waybill(
    desk: Desk, changes: dict[str, Any]
) -> None:
    await filed(desk, {})
    await awaited(desk)

    assert await refused(desk, **changes) == ("E-LOG-RETURN", "find")


async def test_a_return_of_what_was_never_booked_is_a_wrong_message(desk: Desk) -> None:
    await filed(desk, {})

    with pytest.raises(NotBooked):
        await awaited(desk, version=2)
