"""Streams: facts as they come, resumed where they broke off, ended when all is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.portal.streams import Viewer, follow, is_over, live
from services.portal.upstream import Answer
from shared.contracts.topics import SOURCES
from shared.runtime.access import Caller
from tests.support.neighbours import Neighbours
from tests.support.tokens import a_token, a_verifier
from tests.support.told import DECLARATION, cleared, told

AT = f"/v1/declarations/{DECLARATION}"
EVENTS = f"{AT}/events"


def fresh_token(**changes: Any) -> str:
    at = int(datetime.now(UTC).timestamp())
    return a_token(**{"iat": at, "nbf": at, "exp": at + 7200} | changes)


def headers(**more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {fresh_token()}"} | more


def ids(stream: str) -> list[str]:
    return [line.removeprefix("id: ") for line in stream.splitlines() if line.startswith("id: ")]


def facts_in(stream: str) -> list[str]:
    """Which facts a stream told."""
    data = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
    return [f"{fact['source']}:{fact['seq']}" for fact in data]


def tell(neighbours: Neighbours, facts: list[Any], *away: str) -> None:
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": facts, "away": list(away)}


def without(source: str) -> list[Any]:
    return [fact for fact in cleared() if fact["source"] != source]


def a_viewer(**changes: Any) -> Viewer:
    given: dict[str, Any] = {
        "declaration_id": DECLARATION,
        "caller": Caller(party="SELLER0001", client_id="c"),
        "token": fresh_token(),
        "verifier": a_verifier(),
    }
    return Viewer(**given | changes)


async def test_a_settled_declaration_tells_its_story_and_ends(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())

    answer = await client.get(EVENTS, headers=headers())

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert facts_in(answer.text) == [
        "declaration:1",
        "quarantine:1",
        "tax:1",
        "logistics:1",
        "clearance:1",
        "tax:2",
    ]
    assert ids(answer.text)[:3] == [
        "declaration:1",
        "declaration:1,quarantine:1",
        "declaration:1,quarantine:1,tax:1",
    ]
    assert "event: clearance.permit-issued.v1" in answer.text


async def test_a_stream_goes_on_after_the_last_event_known(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())
    last = ids((await client.get(EVENTS, headers=headers())).text)[3]

    answer = await client.get(EVENTS, headers=headers(**{"Last-Event-ID": last}))

    assert facts_in(answer.text) == ["clearance:1", "tax:2"]


async def test_a_viewer_that_comes_again_is_told_what_became_visible_behind_it(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())

    answer = await client.get(EVENTS, headers=headers(**{"Last-Event-ID": "declaration:1,quarantine:1"}))

    assert facts_in(answer.text) == ["tax:1", "logistics:1", "clearance:1", "tax:2"]


async def test_an_id_that_nobody_gave_tells_all_again(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())
    longest = ",".join(f"{source}:{2**31 - 1}" for source in SOURCES)

    answer = await client.get(EVENTS, headers=headers(**{"Last-Event-ID": longest}))

    assert len(facts_in(answer.text)) == len(cleared())


async def test_who_has_seen_all_is_told_not_to_come_again(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())
    last = ids((await client.get(EVENTS, headers=headers())).text)[-1]

    answer = await client.get(EVENTS, headers=headers(**{"Last-Event-ID": last}))

    assert answer.status_code == 204


def test_who_has_seen_all_but_what_a_service_that_is_away_said_may_come_again() -> None:
    first = Answer(status=200, body={"facts": without("tax"), "away": ["tax"]})
    last = "clearance:1,declaration:1,logistics:1,quarantine:1"

    assert not is_over(first, last)
    assert is_over(Answer(status=200, body={"facts": without("tax"), "away": []}), last)


async def test_a_stream_waits_for_what_a_service_that_is_away_has_said(
    app: FastAPI, neighbours: Neighbours
) -> None:
    first = Answer(status=200, body={"facts": without("tax"), "away": ["tax"]})
    tell(neighbours, cleared())

    stream = "".join([event.decode() async for event in follow(app.state.desk, a_viewer(), first)])

    assert facts_in(stream)[-2:] == ["tax:1", "tax:2"]


async def test_what_comes_while_one_watches_is_told_once(app: FastAPI, neighbours: Neighbours) -> None:
    old = cleared()
    first = Answer(status=200, body={"facts": without("clearance")})
    tell(neighbours, old)

    stream = "".join([event.decode() async for event in follow(app.state.desk, a_viewer(), first)])

    assert sorted(facts_in(stream)) == sorted(f"{fact['source']}:{fact['seq']}" for fact in old)


async def test_the_caller_s_own_token_is_what_the_timeline_is_read_with(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())
    given = headers()

    await client.get(EVENTS, headers=given)

    assert {asked[2] for asked in neighbours.asked if asked[0] == "declaration"} == {given["Authorization"]}


@pytest.mark.parametrize(("status", "expected"), [(404, 404), (403, 403), (500, 500), (503, 503)])
async def test_what_the_declaration_service_refuses_is_refused_here(
    client: httpx.AsyncClient, neighbours: Neighbours, status: int, expected: int
) -> None:
    problem = {"status": status, "code": "E-X"}
    neighbours.documents["declaration", f"{AT}/timeline"] = httpx.Response(status, json=problem)

    answer = await client.get(EVENTS, headers=headers())

    assert answer.status_code == expected
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/v1/declarations/nonsense/events", headers(), 404),
        (EVENTS, {}, 401),
        (EVENTS, {"Authorization": "Bearer x"}, 401),
        (EVENTS, {"Authorization": f"Bearer {fresh_token(scope='arrivals:write')}"}, 403),
        (EVENTS, headers(), 503),
    ],
)
async def test_a_stream_that_cannot_be_is_a_problem(
    client: httpx.AsyncClient, path: str, given: dict[str, str], status: int
) -> None:
    answer = await client.get(path, headers=given)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_stream_ends_with_its_token(app: FastAPI, neighbours: Neighbours) -> None:
    open_facts = [told("declaration", 1, "submitted")]
    tell(neighbours, open_facts)
    gone = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    viewer = a_viewer(token=a_token(iat=int(gone), nbf=int(gone), exp=int(gone) + 60))

    stream = [event async for event in follow(app.state.desk, viewer, Answer(status=200, body=open_facts))]

    assert len(stream) == 1


async def test_a_stream_ends_when_the_portal_closes(app: FastAPI, neighbours: Neighbours) -> None:
    open_facts = [told("declaration", 1, "submitted")]
    tell(neighbours, open_facts)
    stream = follow(app.state.desk, a_viewer(), Answer(status=200, body=open_facts))
    await anext(stream)
    await anext(stream)

    app.state.desk.close()

    assert [event async for event in stream] == []


async def test_the_live_stream_tells_the_picture(app: FastAPI, neighbours: Neighbours) -> None:
    neighbours.documents["clearance", "/internal/tally"] = {"filed": 7, "permit": 5, "held": {}}
    stream = live(app.state.desk)

    await anext(stream)
    event = (await anext(stream)).decode()

    assert event.startswith("event: picture\ndata: ")
    assert json.loads(event.splitlines()[1].removeprefix("data: "))["counts"]["filed"] == 7
    await stream.aclose()
