"""Bad input: each a clear answer of the 4xx kind, and the window stays open."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.flows.hostile import DEEP, FILINGS, Bad, hostile, spoiled
from tests.flows.parcels import a_line, a_parcel, body_of, plain
from tests.flows.window import AGENT, Window


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    """A problem document of this status and code."""
    kind = answer.headers["content-type"]
    return (answer.status_code, kind) == (status, "application/problem+json") and answer.json()[
        "code"
    ] == code


@pytest.mark.parametrize("bad", FILINGS, ids=str)
async def test_a_bad_filing_is_told_what_is_wrong(window: Window, bad: Bad) -> None:
    answer = await window.post("/v1/declarations", content=bad.body, headers=bad.headers)

    assert is_problem(answer, bad.status, bad.code), answer.text[:500]
    problem = answer.json()
    assert problem["detail"]
    assert problem["fix"]
    assert problem["status"] == bad.status
    assert len(answer.content) < 40_000
    if bad.pointer:
        assert bad.pointer in {fault["pointer"] for fault in problem["errors"]}
    assert (await window.send(a_parcel())).status_code == 202


async def test_all_faults_are_told_at_once(window: Window) -> None:
    document = plain(a_parcel())
    document["mode"], document["order"]["freight"], document["list"]["port_code"] = "x", "many", 7

    answer = await window.post("/v1/declarations", json=document)

    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert pointers >= {"/mode", "/order/freight", "/list/port_code"}
    assert all(fault["code"] and fault["rule"] and fault["fix"] for fault in answer.json()["errors"])


async def test_a_hundred_lines_are_one_too_many(window: Window) -> None:
    lines = [a_line("1.00", line_no=number) for number in range(1, 101)]

    answer = await window.send(a_parcel(*lines))

    assert is_problem(answer, 422, "E-FMT-BATCH"), answer.text
    assert {"/order/lines", "/list/lines"} <= {fault["pointer"] for fault in answer.json()["errors"]}


async def test_100_megabytes_are_turned_away_at_the_gate(window: Window) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000_000

    told = await window.post("/v1/declarations", content=b" " * 100_000_000)
    assert is_problem(told, 413, "E-TOO-LARGE")

    untold = await window.post("/v1/declarations", content=endless())
    assert is_problem(untold, 413, "E-TOO-LARGE")

    batch = await window.post("/v1/declarations/batch", content=endless())
    assert is_problem(batch, 413, "E-TOO-LARGE"), (batch.headers, batch.text)
    assert (await window.send(a_parcel())).status_code == 202


async def test_one_bad_line_of_a_batch_spoils_no_other(window: Window) -> None:
    good = [body_of(a_parcel()) for _ in range(4)]
    bad = [b"[" * DEEP, b'{"mode": NaN}', b"\xff\xfe", spoiled("Porcelain mug", "a\\u0000b"), b"{}", b"7"]
    lines = [*good[:2], *bad, *good[2:]]

    answer = await window.post("/v1/declarations/batch", content=b"\r\n".join(lines) + b"\n\n")

    told = [json.loads(line) for line in answer.content.splitlines()]
    assert [each["line"] for each in told] == list(range(1, 11))
    assert [each["status"] for each in told] == [202, 202, 400, 400, 400, 422, 422, 400, 202, 202]
    assert all(each["problem"]["code"] == "E-FMT-SCHEMA" for each in told[2:8])
    assert len({each["declaration_id"] for each in (*told[:2], *told[8:])}) == 4


async def test_a_batch_with_too_many_lines_is_refused_whole(window: Window) -> None:
    answer = await window.post("/v1/declarations/batch", content=b"{}\n" * 1001)

    assert is_problem(answer, 413, "E-FMT-BATCH")


async def test_an_empty_batch_is_no_batch(window: Window) -> None:
    answer = await window.post("/v1/declarations/batch", content=b"\n\n")

    assert is_problem(answer, 422, "E-FMT-BATCH"), answer.text


BODY_IS_BAD = (400, 413, 415, 422)
"""Statuses that speak of the body. That there is no such door, or not for this caller, is no answer to it."""
LISTS = ("/v1/consignments/arrivals", "/v1/consignments/returns")
"""Doors that take a list."""


async def test_every_other_door_answers_hostile_bodies_with_a_problem(window: Window) -> None:
    declaration_id = await window.file(a_parcel(arrival="on_site"))
    await window.gate(declaration_id, "logistics")
    odd = []

    for door, name, body in hostile((await window.get("/openapi.json")).json()):
        if door.path in LISTS and name == "a list":
            continue  # each item is told its own faults
        headers = {"Content-Type": "application/json", **window.bearer(door.who), **door.signed(body)}
        path = door.path.format(id=declaration_id)
        answer = await window.client.request(door.method, path, content=body, headers=headers)
        kind = answer.headers["content-type"].partition(";")[0]
        is_token = path == "/oauth/token"
        if answer.status_code not in BODY_IS_BAD or (kind != "application/problem+json" and not is_token):
            odd.append((*door, name, answer.status_code, answer.text[:200]))

    assert odd == []
    assert (await window.declaration(declaration_id))["status"] == "SUBMITTED"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=9" + "9" * 400,
        "limit=x",
        "cursor=%00",
        "cursor=AAAA",
        "cursor=" + "A" * 5000,
        "status=LOST",
        "platform=%00",
        "order_no=%ff%fe",
        "filed_from=yesterday",
        "filed_from=99999-01-01T00:00:00Z",
        "colour=red",
    ],
)
async def test_bad_filters_are_told(window: Window, query: str) -> None:
    answer = await window.get(f"/v1/declarations?{query}")

    if answer.status_code == 200:
        assert query == "order_no=%ff%fe"  # replaced by U+FFFD, which no order has
        assert answer.json()["items"] == []
    else:
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_what_no_service_has_is_a_problem_too(window: Window) -> None:
    answers = [
        await window.get("/v1/nothing"),
        await window.get("/v1/declarations/x/y/z"),
        await window.get("/internal/tally"),
        await window.client.delete("/v1/declarations", headers=window.bearer(AGENT)),
        await window.client.request("TRACE", "/v1/declarations"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 405, 405]
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
