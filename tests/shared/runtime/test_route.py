"""Routes: what was asked is answered, and what was not understood is not dropped in silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from pydantic import BaseModel, ConfigDict

from shared.runtime.access import Caller, allowed
from shared.runtime.fields import Count, DayOrMoment
from shared.runtime.problems import answer_problems
from shared.runtime.route import Door
from tests.support.tokens import a_verifier

ROOT = Path(__file__).parents[3]


class Filters(BaseModel):
    colour: str | None = None
    since: DayOrMoment | None = None


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    door, outer, app = Door(prefix="/v1"), APIRouter(), FastAPI(redirect_slashes=False)

    @door.get("/things")
    async def things(
        filters: Annotated[Filters, Query()], limit: Annotated[Count, Query(ge=1, le=100)] = 50
    ) -> str:
        return f"{filters.colour} {filters.since} {limit}"

    @door.post("/things")
    async def make(thing: Thing) -> int:
        return thing.size

    @door.post("/secrets")
    async def keep(thing: Thing, caller: Annotated[Caller, Depends(allowed("accounts:write"))]) -> str:
        return f"{caller.party} {thing.size}"

    app.state.verifier = a_verifier()
    outer.include_router(door)
    app.include_router(outer)
    answer_problems(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


async def test_who_calls_is_asked_before_what_is_said_is_read(client: httpx.AsyncClient) -> None:
    answers = [
        await client.post("/v1/secrets?x=1", content=content) for content in (b"{", b'{"size": "x"}', b"")
    ]

    assert [answer.status_code for answer in answers] == [401] * 3


async def test_a_place_is_a_json_pointer_whatever_a_name_holds(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", json={"size": 1, "a/b~": "\u202e"})

    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/a~1b~0"]


async def test_a_query_that_names_what_is_known_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things?colour=red&limit=5&since=2025-06-01")

    assert answer.json() == "red 2025-06-01 00:00:00+00:00 5"


@pytest.mark.parametrize(
    ("query", "named"),
    [("color=red", "color"), ("limit=5&limit=6", "limit"), ("colour=", "colour"), ("cursor", "cursor")],
)
async def test_unknown_repeated_and_empty_parameters_are_told_with_the_known_ones(
    client: httpx.AsyncClient, query: str, named: str
) -> None:
    answer = await client.get(f"/v1/things?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "E-FMT-QUERY")
    assert answer.json()["fix"] == "this address takes: colour, limit, since"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/query/{named}"]


@pytest.mark.parametrize(
    "query", ["limit=1_0", "limit=%205", "limit=%2B5", "limit=%D9%A5", "since=1", "since=2025-06-01T00:00:00"]
)
async def test_numbers_and_moments_of_a_query_are_plain(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/things?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "E-FMT-SCHEMA")


async def test_a_route_that_takes_no_query_refuses_one(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things?dry_run=true", json={"size": 1})

    assert (answer.status_code, answer.json()["fix"]) == (400, "this address takes no parameters")


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b'{"size":1,"size":2}', 422), (b'{"size":NaN}', 400), (b'{"a":' * 50_000, 400), (b"", 422)],
)
async def test_a_body_is_read_by_the_one_reader(client: httpx.AsyncClient, raw: bytes, status: int) -> None:
    answer = await client.post("/v1/things", content=raw, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (status, "E-FMT-SCHEMA")


def test_no_room_has_a_door_of_another_kind() -> None:
    """A plain router reads bodies as the framework does; the portal's pages and the token door take no JSON."""
    plain = {
        str(path.relative_to(ROOT))
        for folder in ("services", "shared")
        for path in (ROOT / folder).rglob("*.py")
        if "APIRouter(" in path.read_text()
    }

    assert plain == {
        "services/declaration/main.py",
        "services/portal/accounts.py",
        "services/portal/calculator.py",
        "services/portal/finding.py",
        "services/portal/main.py",
        "services/portal/pages.py",
        "services/portal/signing.py",
        "services/registry/api.py",
        "services/registry/oauth.py",
        "shared/runtime/operations.py",
    }


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain", "x"])
async def test_a_body_is_json_whatever_it_is_called(client: httpx.AsyncClient, kind: str) -> None:
    headers = {"Content-Type": kind}
    answers = [
        await client.post("/v1/things", content=body, headers=headers) for body in (b'{"size":3}', b"{")
    ]

    assert [answer.status_code for answer in answers] == [200, 400]


async def test_an_address_tells_every_method_that_it_takes(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/things")

    assert (answer.status_code, answer.json()["code"]) == (405, "E-METHOD")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_plus_that_an_address_has_turned_into_a_space_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things?since=2025-06-01T08:00:00+08:00")

    assert "%2B" in answer.json()["errors"][0]["fix"]


async def test_every_door_says_in_the_same_words_what_is_wrong(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", json={"sise": 1})

    said = {fault["pointer"]: (fault["rule"], fault["detail"]) for fault in answer.json()["errors"]}
    assert said == {
        "/size": ("missing", "it is missing"),
        "/sise": ("no_unknown_field", "there is no such field"),
    }


async def test_a_character_that_cannot_be_shown_hides_no_other_fault(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", content=b'{"si\\u0000ze": 1, "size": "x", "colour": 1}')

    told = {fault["pointer"] for fault in answer.json()["errors"]}
    assert answer.status_code == 422
    assert told >= {"/size", "/colour"}


async def test_an_unknown_parameter_hides_no_other_fault(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things?limit=0&since=x&weight=1")

    told = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert answer.status_code == 400
    assert told == {
        "/query/weight": "E-FMT-QUERY",
        "/query/limit": "E-FMT-SCHEMA",
        "/query/since": "E-FMT-SCHEMA",
    }
