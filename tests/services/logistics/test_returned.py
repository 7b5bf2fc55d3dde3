"""The door for returned goods, on real tables: an outcome an item, one bad item spoils no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.logistics.restoring import on_returns_admitted
from services.logistics.store import SqlConsignments
from shared.contracts.clearance import ReturnAdmitted
from shared.kernel.ids import DeclarationId
from tests.services.logistics.test_api import CARRIER, SELLER, as_
from tests.services.logistics.test_returns import FIRST, PARTS, SECOND
from tests.services.logistics.words import ONE, TWO, filed
from tests.support.builders import PARTIES


async def awaited(engine: AsyncEngine, declaration_id: DeclarationId = ONE, **filing: Any) -> None:
    """Two returns of goods that were released an hour ago."""
    now = datetime.now(UTC)
    async with engine.begin() as connection:
        desk = SqlConsignments(connection)
        await filed(desk, {"declaration_id": declaration_id, **filing})
        for request_id in (FIRST, SECOND):
            admitted = ReturnAdmitted(
                declaration_id=declaration_id,
                version=1,
                parties=PARTIES,
                request_id=request_id,
                lines=PARTS,
                released_at=now - timedelta(hours=1),
                back_by=now + timedelta(days=45),
            )
            await on_returns_admitted([admitted], desk, now)


def an_item(**changes: Any) -> dict[str, Any]:
    item = {
        "waybill_no": "WAYBILL-1",
        "request_id": FIRST,
        "arrived_at": datetime.now(UTC).isoformat(),
        "site": "PVG",
        "packages": 1,
        "gross_weight": "0.6",
    }
    return {**item, **changes}


async def test_each_item_has_its_own_outcome(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await awaited(engine)
    items = [
        an_item(),
        an_item(),
        an_item(request_id=SECOND, gross_weight="99"),
        an_item(waybill_no="W-9"),
        an_item(request_id="7"),
        an_item(arrived_at="yesterday"),
        an_item(request_id=SECOND),
    ]

    answer = await client.post("/v1/consignments/returns", json=items, headers=as_(CARRIER))

    told = [(item["outcome"], item["code"]) for item in answer.json()["items"]]
    assert told == [
        ("returned", ""),
        ("repeated", ""),
        ("refused", "E-LOG-RETURN-WEIGHT"),
        ("refused", "E-LOG-RETURN"),
        ("refused", "E-FMT-SCHEMA"),
        ("refused", "E-FMT-SCHEMA"),
        ("returned", ""),
    ]
    assert answer.json()["items"][4]["errors"][0]["pointer"] == "/4/request_id"


async def test_a_fault_of_ours_spoils_no_other_item_and_is_the_answer_where_it_spoils_all(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    await awaited(engine)
    await awaited(engine, TWO, waybill_no="WAYBILL-2")
    async with engine.begin() as connection:
        unreadable = sa.text("update awaited_returns set body = 'null' where declaration_id = :broken")
        await connection.execute(unreadable, {"broken": ONE})
    path, broken, good = "/v1/consignments/returns", an_item(), an_item(waybill_no="WAYBILL-2")

    answer = await client.post(path, json=[broken, good], headers=as_(CARRIER))
    alone = await client.post(path, json=[broken], headers=as_(CARRIER))

    told = [(item["outcome"], item["code"]) for item in answer.json()["items"]]
    assert told == [("refused", "E-SYS"), ("returned", "")]
    assert alone.status_code == 500


async def test_another_carrier_is_told_nothing_of_it(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await awaited(engine)
    other = {"party": "CARRIER002", "sub": "carrier002", "scope": "arrivals:write"}

    answer = await client.post("/v1/consignments/returns", json=[an_item()], headers=as_(other))

    assert answer.json()["items"][0]["code"] == "E-LOG-RETURN"


async def test_a_seller_reports_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/consignments/returns", json=[an_item()], headers=as_(SELLER))

    assert (answer.status_code, answer.json()["code"]) == (403, "E-SEC-SCOPE")


async def test_what_is_no_list_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/consignments/returns", json=an_item(), headers=as_(CARRIER))

    assert (answer.status_code, answer.json()["code"]) == (422, "E-FMT-BATCH")
