"""Declaration's door, on real tables: filed once, told the same, fenced by party."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime

import httpx
import msgspec
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.api import router
from services.declaration.documentation import document
from shared.runtime.bus import MemoryBus
from tests.services.declaration.calls import STRANGER, a_filing, as_, count, post


async def test_a_filing_is_kept_said_and_shown(
    client: httpx.AsyncClient, engine: AsyncEngine, bus: MemoryBus, app: FastAPI
) -> None:
    answer = await post(client, a_filing())

    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/v1/declarations/{body['declaration_id']}"
    await app.state.desk.close(app.state.runtime)
    await asyncio.wait_for(_until_said(bus, 1), 5)
    shown = await client.get(answer.headers["location"], headers=as_())
    assert shown.json()["order_no"] == "ORDER-1"
    assert shown.json()["away"] == ["clearance"]
    assert "11010519491231002X" not in shown.text


async def _until_said(bus: MemoryBus, wanted: int) -> None:
    while sum(len(log) for log in bus.topics["declaration.events"]) < wanted:
        await asyncio.sleep(0.01)


async def test_the_raw_identity_number_is_in_no_table(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await post(client, a_filing())

    async with engine.connect() as connection:
        for table in ("declarations", "facts", "taken_keys"):
            rows = (await connection.execute(sa.text(f"select * from {table}"))).all()
            assert "11010519491231002X" not in repr(rows)


async def test_the_same_content_again_gets_the_same_answer(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    first = await post(client, a_filing())
    again = await post(client, a_filing(order__freight=a_filing().order.freight.normalize()))

    assert again.status_code == 202
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {**first.json(), "replayed": True}
    assert await count(engine, "facts") == 1


async def test_other_content_under_the_same_order_names_the_first_declaration(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    first = await post(client, a_filing())

    answer = await post(client, a_filing(list__customs_code="3700"))

    assert answer.status_code == 409
    assert answer.json()["code"] == "E-DUP-CONFLICT"
    assert answer.json()["first_declaration_id"] == first.json()["declaration_id"]
    assert await count(engine, "taken_keys") == 2


async def test_a_loser_keeps_none_of_its_keys(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    await post(client, a_filing(1))

    conflict = await post(client, a_filing(2, waybill__waybill_no="WAYBILL-1"))
    free = await post(client, a_filing(2))

    assert (conflict.status_code, free.status_code) == (409, 202)
    assert conflict.json()["natural_key"]["kind"] == "waybill"


async def test_an_idempotency_key_stands_for_one_body(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await post(client, a_filing(1), **key)
    again = await post(client, a_filing(1), **key)
    other = await post(client, a_filing(2), **key)

    assert first.json()["declaration_id"] == again.json()["declaration_id"]
    assert (other.status_code, other.json()["code"]) == (422, "E-IDEM-REUSED")


async def test_many_at_once_under_one_order_make_one_declaration(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    answers = await asyncio.gather(*(post(client, a_filing()) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["declaration_id"] for answer in answers}) == 1
    assert await count(engine, "declarations") == 1


async def test_a_batch_has_an_outcome_a_line_and_a_bad_line_spoils_no_other(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    good = [msgspec.json.encode(a_filing(number)) for number in (1, 2, 3)]
    bad = [b"{", b'{"mode": NaN}', msgspec.json.encode(a_filing(1, list__port_code="3700"))]
    body = b"\n".join([good[0], bad[0], good[1], bad[1], b"", bad[2], good[2], good[0]])

    answer = await client.post("/v1/declarations/batch", content=body, headers=as_())

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["line"] for line in lines] == list(range(1, 8))
    assert [line["status"] for line in lines] == [202, 400, 202, 400, 409, 202, 202]
    assert "a line of its own" in lines[1]["problem"]["fix"]
    assert lines[-1]["declaration_id"] == lines[0]["declaration_id"]
    assert await count(engine, "declarations") == 3


async def test_a_thousand_lines_are_stored_and_one_more_is_too_many(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    lines = [msgspec.json.encode(a_filing(number)) for number in range(1001)]

    answer = await client.post("/v1/declarations/batch", content=b"\n".join(lines[:1000]), headers=as_())
    refused = await client.post("/v1/declarations/batch", content=b"\n".join(lines), headers=as_())

    assert Counter(json.loads(line)["status"] for line in answer.text.splitlines()) == {202: 1000}
    assert await count(engine, "facts") == 1000
    assert (refused.status_code, refused.json()["code"]) == (413, "E-FMT-BATCH")


async def test_another_sellers_trade_is_not_mine_to_file(client: httpx.AsyncClient) -> None:
    body = msgspec.json.encode(a_filing())

    answer = await client.post("/v1/declarations", content=body, headers=as_(STRANGER))

    assert (answer.status_code, answer.json()["code"]) == (403, "E-SEC-PARTY")


async def test_an_amendment_and_a_cancellation_are_requests(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = (await post(client, a_filing())).headers["location"]
    amended = {"based_on_version": 1, "submission": msgspec.to_builtins(a_filing(waybill__waybill_no="W-9"))}

    asked = await client.post(f"{location}/amendments", content=msgspec.json.encode(amended), headers=as_())
    twice = await client.post(f"{location}/amendments", content=msgspec.json.encode(amended), headers=as_())

    assert asked.status_code == 202, asked.text
    assert (twice.status_code, twice.json()["code"]) == (409, "E-STATE")
    state = await client.get(asked.json()["links"]["self"], headers=as_())
    assert state.json()["state"] == "PENDING"
    assert await count(engine, "taken_keys") == 3
    assert await count(engine, "facts") == 2


async def test_a_cancellation_of_another_version_is_refused(client: httpx.AsyncClient) -> None:
    location = (await post(client, a_filing())).headers["location"]
    body = {"based_on_version": 2, "reason": "changed my mind"}

    refused = await client.post(f"{location}/cancellation", json=body, headers=as_())
    admitted = await client.post(
        f"{location}/cancellation", json={**body, "based_on_version": 1}, headers=as_()
    )
    stranger = await client.post(f"{location}/cancellation", json=body, headers=as_(STRANGER))

    assert [refused.status_code, admitted.status_code, stranger.status_code] == [409, 202, 404]


async def test_the_pasted_example_is_accepted(client: httpx.AsyncClient) -> None:
    document(router, datetime.now(UTC))
    documented = FastAPI()
    documented.include_router(router)
    described = documented.openapi()["paths"]["/v1/declarations"]["post"]["requestBody"]["content"]

    answer = await client.post(
        "/v1/declarations", json=described["application/json"]["example"], headers=as_()
    )

    assert answer.status_code == 202, answer.text
