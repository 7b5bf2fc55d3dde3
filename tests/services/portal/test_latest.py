"""Latest: the list, what holds its declarations, and whose word is missing."""

from __future__ import annotations

import asyncio

import httpx

from tests.support.neighbours import Neighbours
from tests.support.told import DECLARATION, SHOWN

OTHER = "019732f0-2a80-7000-8000-000000000002"


async def test_the_list_says_what_holds_a_declaration_and_who_is_awaited(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    rows_told = [SHOWN, SHOWN | {"declaration_id": OTHER}, SHOWN | {"status": "PERMITTED"}]
    neighbours.documents["declaration", "/v1/declarations"] = {"items": rows_told, "next_cursor": None}
    neighbours.documents["clearance", "/internal/gates"] = {DECLARATION: SHOWN["clearance"]}

    rows = (await client.get("/live/latest")).text

    assert neighbours.queries["clearance", "/internal/gates"] == f"declaration_ids={DECLARATION},{OTHER}"
    assert '<span class="word held">held</span>' in rows
    assert "Tax awaits <strong>declarant</strong>" in rows
    assert "the tax is not secured" in rows
    assert "2026-03-16 12:00" in rows
    assert "Quarantine awaits" not in rows


async def test_a_list_without_clearance_says_whose_word_is_missing(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", "/v1/declarations"] = {"items": [SHOWN], "next_cursor": None}

    rows = (await client.get("/live/latest")).text

    assert "in progress" in rows
    assert "Clearance does not answer" in rows


async def test_viewers_of_the_list_share_their_questions(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", "/v1/declarations"] = {"items": [], "next_cursor": None}

    await asyncio.gather(*(client.get("/live/latest") for _ in range(20)))

    assert [asked[1] for asked in neighbours.asked].count("/v1/declarations") == 1
