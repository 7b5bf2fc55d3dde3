"""The door for returns, on real tables: read exactly, asked once under a key, followed to the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration import handlers
from services.declaration.store import SqlDeclarations
from shared.contracts.clearance import RequestRefused, ReturnAdmitted, ReturnCompleted, ReturnLapsed
from tests.services.declaration.calls import AGENT, OFFICER, STRANGER, a_filing, as_, count, post
from tests.services.declaration.test_returns import PARTS, PERMIT
from tests.support.builders import NOW


async def released_at_the_door(client: httpx.AsyncClient, engine: AsyncEngine) -> str:
    """A filing with its permit; its address."""
    answer = await post(client, a_filing())
    permit = replace(PERMIT, declaration_id=answer.json()["declaration_id"])
    async with engine.begin() as connection:
        await handlers.on_permits_issued([permit], SqlDeclarations(connection), NOW)
    return str(answer.headers["location"])


BODY = {"lines": [{"line_no": 1, "quantity": "1"}], "reason": "it does not fit"}
KEY = {"Idempotency-Key": "return-1"}


async def test_a_return_said_again_under_its_key_is_the_same_request(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)
    headers = as_(AGENT, **KEY)

    first = await client.post(f"{location}/returns", json=BODY, headers=headers)
    again = await client.post(
        f"{location}/returns",
        json={"reason": "it does not fit", "lines": [{"line_no": 1, "quantity": 1.0}]},
        headers=headers,
    )
    other = await client.post(f"{location}/returns", json={**BODY, "reason": "changed"}, headers=headers)

    assert [first.status_code, again.status_code] == [202, 202], first.text
    assert again.json()["request_id"] == first.json()["request_id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "E-IDEM-REUSED")
    assert first.json()["based_on_version"] == again.json()["based_on_version"] == 1
    assert first.json()["lines"] == [{"line_no": 1, "quantity": "1"}]
    assert await count(engine, "requests") == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": [], "reason": "it does not fit"},
        {"lines": [{"line_no": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": True, "quantity": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": "1", "quantity": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": 100, "quantity": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": "1e2"}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": 10**30}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": True}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": 1, "colour": "red"}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": 1}], "reason": " "},
        {"lines": [{"line_no": n, "quantity": 1} for n in range(1, 101)], "reason": "it does not fit"},
    ],
)
async def test_a_body_of_another_shape_is_told_field_by_field(
    client: httpx.AsyncClient, engine: AsyncEngine, body: dict[str, Any]
) -> None:
    location = await released_at_the_door(client, engine)

    answer = await client.post(f"{location}/returns", json=body, headers=as_())

    assert (answer.status_code, answer.json()["code"]) == (422, "E-FMT-SCHEMA")
    assert answer.json()["errors"][0]["pointer"]


@pytest.mark.parametrize(
    "number",
    [
        "1e400",
        "1e-400",
        "1e30",
        "NaN",
        "Infinity",
        "-1",
        "0",
        "0.0000000000000000001",
        "1e-6",
        "99999999999999999999",
    ],
)
async def test_no_number_is_too_strange_to_be_told(
    client: httpx.AsyncClient, engine: AsyncEngine, number: str
) -> None:
    location = await released_at_the_door(client, engine)
    raw = f'{{"lines":[{{"line_no":1,"quantity":{number}}}],"reason":"it does not fit"}}'
    headers = as_(AGENT, **{"Content-Type": "application/json"})

    answer = await client.post(f"{location}/returns", content=raw.encode(), headers=headers)

    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] in ("E-FMT-SCHEMA", "E-RETURN-QUANTITY")
    assert await count(engine, "requests") == 0


async def test_a_quantity_beyond_what_is_declared_names_its_place(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)
    body = {**BODY, "lines": [{"line_no": 1, "quantity": "0.000001"}, {"line_no": 2, "quantity": "1"}]}

    answer = await client.post(f"{location}/returns", json=body, headers=as_())

    assert answer.status_code == 422
    assert [(each["code"], each["pointer"]) for each in answer.json()["errors"]] == [
        ("E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("E-RETURN-LINE", "/lines/1/line_no"),
    ]
    assert await count(engine, "requests") == 0


async def answered(engine: AsyncEngine, handler: Any, event: Any) -> None:
    async with engine.begin() as connection:
        await handler([event], SqlDeclarations(connection), NOW)


async def test_a_return_is_followed_from_its_page_to_its_end(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)
    asked = [(await client.post(f"{location}/returns", json=BODY, headers=as_())).json() for _ in range(3)]
    about_it = {"declaration_id": asked[0]["declaration_id"], "version": 1, "parties": ()}
    ids = [each["request_id"] for each in asked]
    for request_id in ids[:2]:
        admitted = ReturnAdmitted(
            request_id=request_id, lines=PARTS, released_at=NOW, back_by=NOW + timedelta(days=45), **about_it
        )
        await answered(engine, handlers.on_returns_admitted, admitted)
    done = ReturnCompleted(request_id=ids[0], lines=PARTS, arrived_at=NOW, site="PVG", **about_it)
    await answered(engine, handlers.on_returns_ended, done)
    lapsed = ReturnLapsed(request_id=ids[1], back_by=NOW, **about_it)
    await answered(engine, handlers.on_returns_ended, lapsed)
    said_no = RequestRefused(
        request_id=ids[2], code="E-RETURN-NOTHING", reason="r", pointer="/lines/0/quantity", **about_it
    )
    await answered(engine, handlers.on_requests_refused, said_no)

    page = (await client.get(f"{location}/returns", headers=as_())).json()

    assert [item["state"] for item in page["items"]] == ["COMPLETED", "LAPSED", "REFUSED"]
    assert [item["code"] for item in page["items"]] == ["", "", "E-RETURN-NOTHING"]
    assert page["items"][2]["pointer"] == "/lines/0/quantity"
    assert page["items"][0]["back_by"] is not None
    assert page["away"] == ["tax"]
    assert {item["refund"] for item in page["items"]} == {None}
    found = await client.get(asked[0]["links"]["self"], headers=as_())
    assert found.json()["lines"] == [{"line_no": 1, "quantity": "1"}]


async def test_returns_are_for_the_parties_of_their_declaration(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)

    assert (await client.get(f"{location}/returns", headers=as_(STRANGER))).status_code == 404
    assert (await client.post(f"{location}/returns", json=BODY, headers=as_(STRANGER))).status_code == 404
    assert (await client.get(f"{location}/returns", headers=as_(OFFICER))).json()["items"] == []
    assert (await client.post(f"{location}/returns", json=BODY, headers=as_(OFFICER))).status_code == 403
