"""Declarations as they are read: by whom they may be, a page at a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.requests import Outcome
from services.declaration.store import SqlDeclarations
from shared.kernel.ids import DeclarationId
from tests.services.declaration.calls import AGENT, OFFICER, STRANGER, a_filing, as_, post
from tests.support.builders import NOW


async def test_a_stranger_sees_nothing_and_an_officer_everything(client: httpx.AsyncClient) -> None:
    location = (await post(client, a_filing())).headers["location"]

    statuses = [
        (await client.get(location, headers=as_(who))).status_code for who in (STRANGER, OFFICER, AGENT)
    ]
    listed = [
        len((await client.get("/v1/declarations", headers=as_(who))).json()["items"])
        for who in (STRANGER, OFFICER, AGENT)
    ]

    assert statuses == [404, 200, 200]
    assert listed == [0, 1, 1]


async def test_a_list_is_paged_and_filtered(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await post(client, a_filing(number))

    first = (await client.get("/v1/declarations?limit=2", headers=as_())).json()
    second = (
        await client.get(f"/v1/declarations?limit=10&cursor={first['next_cursor']}", headers=as_())
    ).json()
    one = (await client.get("/v1/declarations?platform=PLATFORM01&order_no=ORDER-3", headers=as_())).json()
    later = datetime.now(UTC) + timedelta(hours=1)
    none = await client.get("/v1/declarations", params={"filed_from": later.isoformat()}, headers=as_())

    assert [item["order_no"] for item in first["items"]] == ["ORDER-4", "ORDER-3"]
    assert [item["order_no"] for item in second["items"]] == ["ORDER-2", "ORDER-1", "ORDER-0"]
    assert second["next_cursor"] is None
    assert [item["order_no"] for item in one["items"]] == ["ORDER-3"]
    assert none.json()["items"] == []


async def test_a_period_cuts_at_the_moment_that_is_shown(client: httpx.AsyncClient) -> None:
    receipt = (await post(client, a_filing())).json()
    (shown,) = (await client.get("/v1/declarations", headers=as_())).json()["items"]
    filed = datetime.fromisoformat(shown["filed_at"])

    found = [
        len((await client.get("/v1/declarations", params={side: moment}, headers=as_())).json()["items"])
        for moment in (filed.isoformat(), (filed + timedelta(microseconds=1)).isoformat())
        for side in ("filed_from", "filed_to")
    ]

    assert found == [1, 0, 0, 1]
    assert receipt["received_at"] == shown["filed_at"] == shown["first_filed_at"]


async def test_a_revoked_permit_stays_revoked_though_another_clock_runs_ahead(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = (await post(client, a_filing())).headers["location"]
    known = DeclarationId(location.rpartition("/")[2])
    words = [
        Outcome(declaration_id=known, version=1, outcome="PERMITTED", at=NOW + timedelta(hours=1)),
        Outcome(declaration_id=known, version=1, outcome="REVOKED", at=NOW),
    ]
    async with engine.begin() as connection:
        await SqlDeclarations(connection).save_outcomes(words)

    assert (await client.get(location, headers=as_())).json()["status"] == "REVOKED"


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "limit=0",
        "limit=101",
        "status=LOST",
        "filed_from=yesterday",
        "filed_from=2025-06-02&filed_to=2025-06-01",
        "order_no=%00",
        "x=1",
    ],
)
async def test_a_list_refuses_a_bad_query(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/declarations?{query}", headers=as_())

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("request_id", ["nope", "019732f0-2a80-7000-8000-000000000009"])
async def test_a_request_that_is_not_there_is_not_called_a_declaration(
    client: httpx.AsyncClient, request_id: str
) -> None:
    location = (await post(client, a_filing())).headers["location"]

    answer = await client.get(f"{location}/requests/{request_id}", headers=as_())

    assert (answer.status_code, answer.json()["detail"]) == (404, "no such request")


async def test_the_buyer_s_number_is_shown_masked_wherever_it_stood(client: httpx.AsyncClient) -> None:
    filed = a_filing()
    number = filed.order.buyer.id_number
    location = (await post(client, filed)).headers["location"]

    answer = await client.get(location, headers=as_())

    shown = answer.json()
    people = shown["submission"]["order"]["buyer"], shown["submission"]["payment"]["payer"]
    assert [person["id_number"] for person in people] == ["*" * 14 + number[-4:]] * 2
    assert number not in answer.text
    assert not re.search(r'"id_number":"[0-9a-f]{64}"', answer.text)
