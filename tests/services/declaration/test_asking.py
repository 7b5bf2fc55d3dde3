"""Requests at the door: asked once under an Idempotency-Key, and for a change."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration.submission import Submission
from tests.services.declaration.calls import AGENT, a_filing, as_, count, post

KEY = {"Idempotency-Key": "ask-1"}


async def filed(client: httpx.AsyncClient, number: int = 1) -> str:
    return str((await post(client, a_filing(number))).headers["location"])


async def amend(
    client: httpx.AsyncClient, location: str, submission: Submission, **headers: str
) -> httpx.Response:
    body = {"based_on_version": 1, "submission": msgspec.to_builtins(submission)}
    return await client.post(
        f"{location}/amendments", content=msgspec.json.encode(body), headers=as_(AGENT, **headers)
    )


async def cancel(
    client: httpx.AsyncClient, location: str, reason: str = "changed my mind", **headers: str
) -> httpx.Response:
    body = {"based_on_version": 1, "reason": reason}
    return await client.post(f"{location}/cancellation", json=body, headers=as_(AGENT, **headers))


async def test_a_cancellation_said_again_under_its_key_is_the_same_request(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await filed(client)

    first, again = await cancel(client, location, **KEY), await cancel(client, location, **KEY)

    assert [first.status_code, again.status_code] == [202, 202]
    assert again.json()["request_id"] == first.json()["request_id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await count(engine, "requests") == 1
    assert await count(engine, "facts") == 2


async def test_an_amendment_said_again_under_its_key_is_the_same_request(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location, other = await filed(client), a_filing(waybill__waybill_no="W-9")

    first, again = await amend(client, location, other, **KEY), await amend(client, location, other, **KEY)

    assert [first.status_code, again.status_code] == [202, 202], first.text
    assert again.json()["request_id"] == first.json()["request_id"]
    assert await count(engine, "requests") == 1


async def test_a_key_stands_for_one_request_whatever_else_it_is_sent_with(client: httpx.AsyncClient) -> None:
    location, second = await filed(client, 1), await filed(client, 2)
    assert (await cancel(client, location, **KEY)).status_code == 202

    others = [
        await cancel(client, location, "another reason", **KEY),
        await cancel(client, second, **KEY),
        await amend(client, location, a_filing(waybill__waybill_no="W-9"), **KEY),
        await post(client, a_filing(3), **KEY),
    ]

    assert {(other.status_code, other.json()["code"]) for other in others} == {(422, "E-IDEM-REUSED")}


async def test_a_request_that_was_refused_leaves_its_key_free(client: httpx.AsyncClient) -> None:
    location = await filed(client)
    body = {"based_on_version": 7, "reason": "changed my mind"}
    refused = await client.post(f"{location}/cancellation", json=body, headers=as_(AGENT, **KEY))

    assert refused.status_code == 409
    assert (await cancel(client, location, **KEY)).status_code == 202


async def test_an_amendment_that_changes_nothing_is_refused(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await filed(client)

    same = await amend(client, location, a_filing())

    assert (same.status_code, same.json()["code"]) == (422, "E-AMEND-SAME")
    assert await count(engine, "requests") == 0


@pytest.mark.parametrize("version", [True, 1.0, "1", 0, 2**31, None])
async def test_a_request_names_its_version_as_a_json_integer(client: httpx.AsyncClient, version: Any) -> None:
    location = await filed(client)
    amended = {"based_on_version": version, "submission": msgspec.to_builtins(a_filing())}
    cancelled = {"based_on_version": version, "reason": "changed my mind"}

    answers = [
        await client.post(f"{location}/amendments", content=msgspec.json.encode(amended), headers=as_()),
        await client.post(f"{location}/cancellation", json=cancelled, headers=as_()),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "E-FMT-SCHEMA")}


async def test_the_faults_of_an_amendment_have_their_places_in_the_body_that_was_sent(
    client: httpx.AsyncClient,
) -> None:
    location, plain = await filed(client), msgspec.to_builtins(a_filing(list__dispatch_country="XX"))
    of_rules = {"based_on_version": 1, "submission": plain}
    of_both = {"based_on_version": 1, "submission": plain | {"mode": "\u202e", "colour": 1}}
    twice = msgspec.json.encode(of_rules).replace(b'"mode":', b'"mode":"1210","mode":', 1)

    bodies = [msgspec.json.encode(of_rules), msgspec.json.encode(of_both), twice]
    answers = [await client.post(f"{location}/amendments", content=body, headers=as_()) for body in bodies]

    country = "/submission/list/dispatch_country"
    assert [{fault["pointer"] for fault in answer.json()["errors"]} for answer in answers] == [
        {country},
        {country, "/submission/mode", "/submission/colour"},
        {country, "/submission/mode"},
    ]


async def told_of(client: httpx.AsyncClient, location: str, body: Any) -> dict[str, str]:
    answer = await client.post(f"{location}/amendments", content=msgspec.json.encode(body), headers=as_())
    assert answer.status_code == 422, answer.text
    return {fault["pointer"]: fault["fix"] for fault in answer.json()["errors"]}


async def test_a_misspelt_envelope_hides_nothing_of_the_submission(client: httpx.AsyncClient) -> None:
    location, plain = await filed(client), msgspec.to_builtins(a_filing(list__dispatch_country="XX"))

    told = await told_of(client, location, {"based_on_versoin": 1, "submission": plain | {"colour": 1}})

    assert told["/based_on_versoin"] == "did you mean 'based_on_version'?"
    assert {"/based_on_version", "/submission/colour", "/submission/list/dispatch_country"} <= told.keys()


async def test_a_bare_submission_is_told_where_to_go(client: httpx.AsyncClient) -> None:
    location, plain = await filed(client), msgspec.to_builtins(a_filing())

    told = await told_of(client, location, plain)

    assert told == {
        "/based_on_version": "add the field",
        "/submission": "put the submission's fields under `submission`",
    }


async def test_a_repeat_under_its_key_gets_the_very_answer(client: httpx.AsyncClient) -> None:
    location, wish = await filed(client), {"based_on_version": 1, "reason": "changed my mind"}

    first, again = [
        await client.post(f"{location}/cancellation", json=wish, headers=as_(AGENT, **KEY)) for _ in range(2)
    ]

    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")


@pytest.mark.parametrize("door", ["amendments", "cancellation"])
async def test_a_key_twice_is_refused_wherever_it_stands(client: httpx.AsyncClient, door: str) -> None:
    location = await filed(client)
    inside = json.dumps(msgspec.to_builtins(a_filing(waybill__waybill_no="W-9")))
    twice = inside.replace('"mode":', '"mode": "1210", "mode":', 1)
    bodies = {
        "amendments": [
            f'{{"based_on_version":2,"based_on_version":1,"submission":{inside}}}',
            f'{{"based_on_version":1,"submission":{twice}}}',
        ],
        "cancellation": ['{"based_on_version":2,"based_on_version":1,"reason":"changed my mind"}'],
    }

    for body in bodies[door]:
        headers = as_(AGENT, **{"Content-Type": "application/json"})
        answer = await client.post(f"{location}/{door}", content=body.encode(), headers=headers)

        assert answer.status_code == 422, answer.text
        assert {fault["rule"] for fault in answer.json()["errors"]} == {"keys_are_unique"}


async def test_a_key_for_a_batch_is_refused_and_not_dropped(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    body = msgspec.json.encode(a_filing())

    answer = await client.post("/v1/declarations/batch", content=body, headers=as_(AGENT, **KEY))

    assert (answer.status_code, answer.json()["code"]) == (400, "E-FMT-BATCH")
    assert await count(engine, "declarations") == 0


@pytest.mark.parametrize("body", [b"", b"\n\n", b"  \r\n"])
async def test_an_empty_batch_is_a_problem(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/declarations/batch", content=body, headers=as_())

    assert (answer.status_code, answer.json()["code"]) == (422, "E-FMT-BATCH")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("filed_from=1", 422, "E-FMT-SCHEMA"),
        ("filed_from=2025-06-01T00:00:00", 422, "E-FMT-SCHEMA"),
        ("filed_to=0001-01-01T00:00:00%2B08:00", 422, "E-FMT-SCHEMA"),
        ("limit=1_0", 422, "E-FMT-SCHEMA"),
        ("cursor=", 400, "E-FMT-QUERY"),
        ("colour=red", 400, "E-FMT-QUERY"),
        ("limit=5&limit=6", 400, "E-FMT-QUERY"),
        ("filed_from=2025-06-01&filed_to=2025-06-01T00:00:00Z", 200, None),
    ],
)
async def test_a_list_is_narrowed_by_what_it_understands(
    client: httpx.AsyncClient, query: str, status: int, code: str | None
) -> None:
    answer = await client.get(f"/v1/declarations?{query}", headers=as_())

    assert (answer.status_code, answer.json().get("code")) == (status, code)
