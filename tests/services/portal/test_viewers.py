"""Viewers: as many as there are places, each seeing with a token that is good."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.portal.pages import live_events
from services.portal.streams import follow
from services.portal.upstream import Answer
from shared.kernel.refusal import Refusal
from tests.services.portal.test_streams import AT, EVENTS, a_viewer, facts_in, fresh_token, headers, tell
from tests.support.neighbours import Answering, Neighbours
from tests.support.told import cleared, told


def only_for(token: str, facts: list[Any]) -> Answering:
    """A timeline that is told to the bearer of one token."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_good = request.headers["Authorization"] == f"Bearer {token}"
        return httpx.Response(200, json={"facts": facts}) if is_good else httpx.Response(401, json={})

    return answer


async def test_one_stream_too_many_is_refused_with_429(
    app: FastAPI, client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    open_facts = [told("declaration", 1, "submitted")]
    tell(neighbours, open_facts)
    first = Answer(status=200, body=open_facts)
    watching = [follow(app.state.desk, a_viewer(), first) for _ in range(3)]
    for stream in watching:
        await anext(stream)

    answer = await client.get(EVENTS, headers=headers())

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    for stream in watching:
        await stream.aclose()


async def test_of_two_who_come_at_once_for_the_last_place_one_is_refused_before_anything_is_sent(
    app: FastAPI,
) -> None:
    watching = [await live_events(app.state.desk) for _ in range(3)]

    with pytest.raises(Refusal) as refused:
        await live_events(app.state.desk)

    assert refused.value.status == 429
    assert len(watching) == 3


async def test_viewers_of_the_live_picture_take_nobody_s_place_who_follows_a_declaration(
    app: FastAPI, client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    tell(neighbours, cleared())
    watching = [await live_events(app.state.desk) for _ in range(3)]

    answer = await client.get(EVENTS, headers=headers())

    assert (answer.status_code, len(watching)) == (200, 3)


async def test_a_viewer_who_has_gone_does_not_end_the_streams_of_those_who_stay(
    app: FastAPI, neighbours: Neighbours
) -> None:
    tell(neighbours, [told("declaration", 1, "submitted")])
    stays, goes = a_viewer(), a_viewer(token=fresh_token(jti="2"))
    first = Answer(status=200, body=[])
    following, left = follow(app.state.desk, stays, first), follow(app.state.desk, goes, first)
    await anext(following)
    await anext(left)
    await left.aclose()

    neighbours.documents["declaration", f"{AT}/timeline"] = only_for(stays.token, cleared())
    async with asyncio.timeout(10):
        stream = "".join([event.decode() async for event in following])

    assert len(facts_in(stream)) == len(cleared())


async def test_a_viewer_whose_own_token_is_refused_is_ended(app: FastAPI, neighbours: Neighbours) -> None:
    neighbours.documents["declaration", f"{AT}/timeline"] = only_for("another", cleared())

    async with asyncio.timeout(10):
        following = follow(app.state.desk, a_viewer(), Answer(status=200, body=[]))
        stream = [event async for event in following]

    assert len(stream) == 1
