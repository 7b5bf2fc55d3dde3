"""Logistics' door, on real tables: reports with an outcome each, and consignments for their parties."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.logistics.api import document, note_all, router
from services.logistics.handlers import SUBSCRIPTIONS, on_arrivals_reported, on_declarations_ended
from services.logistics.store import SqlConsignments
from shared.contracts.envelope import AnyEvent
from shared.kernel.papers import WAYBILL_TAKEN
from shared.kernel.refusal import Refusal
from shared.runtime.doors import Commands
from shared.runtime.intake import away
from shared.runtime.unit_of_work import Handler, UnitOfWork
from tests.services.logistics.words import ONE, TWO, an_order, filed, refused
from tests.support.builders import NOW
from tests.support.tokens import bearer

CARRIER = {"party": "CARRIER001", "sub": "carrier001", "scope": "arrivals:write declarations:read"}
SELLER = {"party": "SELLER0001"}
STRANGER = {"party": "SELLER0009", "sub": "seller0009"}
OFFICER = {"party": "LOGISTICS1", "sub": "officer-4", "scope": "reviews:logistics"}


def as_(who: dict[str, Any]) -> dict[str, str]:
    return bearer(**who)


def an_item(waybill_no: str = "WAYBILL-1", **changes: Any) -> dict[str, Any]:
    return {
        "waybill_no": waybill_no,
        "arrived_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "site": "PVG-T2",
        "packages": 1,
        "gross_weight": "1.20",
        **changes,
    }


async def book(engine: AsyncEngine, *changes: dict[str, Any]) -> list[tuple[str, str]]:
    now = datetime.now(UTC)
    async with engine.begin() as connection:
        return await filed(SqlConsignments(connection), *({"filed_at": now, **each} for each in changes))


async def outcomes(client: httpx.AsyncClient, *items: Any) -> list[tuple[str, str]]:
    answer = await client.post("/v1/consignments/arrivals", json=items, headers=as_(CARRIER))
    assert answer.status_code == 200, answer.text
    return [(item["outcome"], item["code"]) for item in answer.json()["items"]]


async def test_each_item_of_a_report_has_its_outcome(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await book(engine, {}, {"declaration_id": TWO, "waybill_no": "WAYBILL-2"})

    items = [
        an_item(),
        an_item("WAYBILL-2", packages=2),
        an_item("WAYBILL-9"),
        {"waybill_no": "WAYBILL-8"},
        an_item("WAYBILL-7", arrived_at="2099-01-01T00:00:00Z"),
        an_item("WAYBILL-6", arrived_at="1970-01-01T00:00:00Z"),
    ]

    assert await outcomes(client, *items) == [
        ("arrived", "ARRIVED"),
        ("arrived", "ARRIVAL_MISMATCH"),
        ("early", "E-LOG-NOTFOUND"),
        ("refused", "E-FMT-SCHEMA"),
        ("refused", "E-LOG-ARRIVAL-TIME"),
        ("refused", "E-LOG-ARRIVAL-TIME"),
    ]
    assert (await outcomes(client, *items))[:3] == [
        ("repeated", ""),
        ("repeated", ""),
        ("early", "E-LOG-NOTFOUND"),
    ]


async def test_a_parcel_reported_before_its_booking_passes_it(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    assert await outcomes(client, an_item()) == [("early", "E-LOG-NOTFOUND")]

    assert await book(engine, {}) == [("PASSED", "ARRIVED")]


async def test_a_parcel_on_a_number_whose_six_months_are_over_is_not_its_old_holders(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await book(engine, {"filed_at": datetime.now(UTC) - WAYBILL_TAKEN})

    assert await outcomes(client, an_item()) == [("early", "E-LOG-NOTFOUND")]

    assert await book(engine, {"declaration_id": TWO}) == [("PASSED", "ARRIVED")]


async def test_a_booking_made_between_look_up_and_command_is_found_by_the_second_look(
    engine: AsyncEngine,
) -> None:
    work = UnitOfWork("logistics", engine, SqlConsignments, SUBSCRIPTIONS)
    now = datetime.now(UTC)
    seen_before_the_booking = replace(an_order(None), arrived_at=now)
    await book(engine, {})

    assert await work.command(on_arrivals_reported, seen_before_the_booking) == []
    made = await work.command(on_arrivals_reported, replace(an_order(ONE), arrived_at=now))

    assert [event.gate.code for event in made] == ["ARRIVED"]  # type: ignore[union-attr]


class BehindTheLookUp(Commands):
    """Orders that begin when what their reporter has looked up is true no more."""

    def __init__(self, work: UnitOfWork, meanwhile: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(work)
        self._meanwhile = [meanwhile]

    async def run_all(self, handler: Handler, batch: Sequence[Any]) -> Sequence[AnyEvent]:
        while self._meanwhile:
            await self._meanwhile.pop()()
        return await super().run_all(handler, batch)


async def test_goods_reported_while_their_number_changes_hands_are_the_new_holders(
    engine: AsyncEngine,
) -> None:
    async def change_hands() -> None:
        async with engine.begin() as connection:
            await on_declarations_ended([refused(ONE)], SqlConsignments(connection), NOW)
        await book(engine, {"declaration_id": TWO})

    await book(engine, {})
    orders = BehindTheLookUp(UnitOfWork("logistics", engine, SqlConsignments, SUBSCRIPTIONS), change_hands)
    report = replace(an_order(None), arrived_at=datetime.now(UTC))

    (told,) = await note_all(engine, orders, [report])

    assert (told.outcome, told.code) == ("arrived", "ARRIVED")
    async with engine.connect() as connection:
        assert (await SqlConsignments(connection).bookings_of([TWO]))[TWO].arrived is not None


async def test_while_the_store_is_away_no_parcel_is_told_refused(engine: AsyncEngine) -> None:
    async def go_away() -> None:
        raise away(ConnectionError("gone"))

    orders = BehindTheLookUp(UnitOfWork("logistics", engine, SqlConsignments, SUBSCRIPTIONS), go_away)

    with pytest.raises(Refusal) as refusal:
        await note_all(engine, orders, [an_order(None)])

    assert refusal.value.status == 503


class Broken(Commands):
    """Orders of some numbers meet a bug."""

    def __init__(self, work: UnitOfWork, *waybill_nos: str) -> None:
        super().__init__(work)
        self._waybill_nos = {*waybill_nos}

    async def run_all(self, handler: Handler, batch: Sequence[Any]) -> Sequence[AnyEvent]:
        if self._waybill_nos & {order.waybill_no for order in batch}:
            raise away(KeyError("a bug"))
        return await super().run_all(handler, batch)


async def test_a_fault_of_ours_spoils_no_other_item(engine: AsyncEngine) -> None:
    orders = Broken(UnitOfWork("logistics", engine, SqlConsignments, SUBSCRIPTIONS), "W-1")
    reports = [replace(an_order(None, name), arrived_at=datetime.now(UTC)) for name in ("W-1", "W-2")]

    told = await note_all(engine, orders, reports)

    assert [(each.outcome, each.code) for each in told] == [("refused", "E-SYS"), ("early", "E-LOG-NOTFOUND")]


async def test_where_nothing_can_be_noted_for_a_fault_of_ours_no_item_is_told_refused(
    engine: AsyncEngine,
) -> None:
    orders = Broken(UnitOfWork("logistics", engine, SqlConsignments, SUBSCRIPTIONS), "W-1", "W-2")
    reports = [an_order(None, name) for name in ("W-1", "W-2")]

    with pytest.raises(Refusal) as refusal:
        await note_all(engine, orders, reports)

    assert refusal.value.status == 500


async def test_report_and_booking_at_once_lose_no_arrival(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    for number in range(10):
        waybill_no = f"RACE-{number}"
        wish = {"declaration_id": f"019732f0-2a80-7000-8000-00000000010{number}", "waybill_no": waybill_no}
        await asyncio.gather(book(engine, wish), outcomes(client, an_item(waybill_no)))

        shown = await client.get(f"/v1/consignments/CARRIER001/{waybill_no}", headers=as_(OFFICER))
        assert (shown.json()["status"], shown.json()["gate"]) == ("ARRIVED", "PASSED")


async def test_a_consignment_is_seen_by_its_parties_and_officers_only(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await book(engine, {})
    path = "/v1/consignments/CARRIER001/WAYBILL-1"

    answers = [await client.get(path, headers=as_(who)) for who in (SELLER, CARRIER, OFFICER, STRANGER)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]
    shown = answers[0].json()
    assert (shown["status"], shown["code"], shown["awaits"]) == ("EXPECTED", "AWAITING_ARRIVAL", "carrier")
    assert (await client.get(f"{path}0", headers=as_(SELLER))).status_code == 404


async def test_a_report_needs_a_carriers_token_and_a_list(client: httpx.AsyncClient) -> None:
    path = "/v1/consignments/arrivals"

    answers = [
        await client.post(path, json=[an_item()]),
        await client.post(path, json=[an_item()], headers=as_(SELLER)),
        await client.post(path, content=b"[NaN]", headers=as_(CARRIER)),
        await client.post(path, json={}, headers=as_(CARRIER)),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 400, 422]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


def test_both_reports_are_described_with_an_example() -> None:
    app = FastAPI()
    document(datetime(2025, 6, 2, tzinfo=UTC))
    app.include_router(router)

    paths = app.openapi()["paths"]

    for path in ("/v1/consignments/arrivals", "/v1/consignments/returns"):
        assert paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]
