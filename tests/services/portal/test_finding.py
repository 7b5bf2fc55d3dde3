"""Finding: by id and by order number, one, several or none, and nothing outside the sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from fastapi import FastAPI

from tests.services.portal.test_pages import Outline
from tests.support.neighbours import Neighbours
from tests.support.told import DECLARATION, SHOWN

LIST = ("declaration", "/v1/declarations")
OTHER = "019732f0-2a80-7000-8000-000000000002"
ONE = SHOWN | {"status": "PERMITTED", "order_no": "536365"}


def listed(*rows: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"items": list(rows), "next_cursor": more}


async def find(client: httpx.AsyncClient, sought: str) -> httpx.Response:
    return await client.get("/declarations", params={"sought": sought})


async def test_a_declaration_is_found_by_its_id(client: httpx.AsyncClient) -> None:
    answer = await find(client, f" {DECLARATION.upper()}")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/declarations/{DECLARATION}")


async def test_a_declaration_is_found_by_its_order_number(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents[LIST] = listed(ONE)

    answer = await find(client, " A&b 1 ")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/declarations/{DECLARATION}")
    assert parse_qs(neighbours.queries[LIST])["order_no"] == ["A&b 1"]
    assert (*LIST, "Bearer observer") in neighbours.asked


async def test_an_order_number_in_the_shape_of_an_id_is_found_too(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents[LIST] = listed(ONE)

    answer = await find(client, OTHER)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/declarations/{DECLARATION}")


async def test_an_order_number_of_two_platforms_lists_both(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents[LIST] = listed(ONE, ONE | {"declaration_id": OTHER, "seller": "SELLER0002"})

    answer = await find(client, "536365")

    assert answer.status_code == 200
    assert f'href="/declarations/{DECLARATION}"' in answer.text
    assert f'href="/declarations/{OTHER}"' in answer.text
    assert "SELLER0002" in answer.text
    assert "the newest" not in answer.text
    assert Outline(answer.text).tags.count("h1") == 1


async def test_a_list_that_is_cut_says_so(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.documents[LIST] = listed(ONE, ONE | {"declaration_id": OTHER}, more="further")

    answer = await find(client, "536365")

    assert "These are the newest 2." in answer.text


async def test_what_is_not_found_is_told_what_can_be_searched_for(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents[LIST] = listed()

    answer = await find(client, "<b>")

    assert answer.status_code == 404
    assert "No such declaration" in answer.text
    assert "an order number, whole and as it was filed" in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("sought", ["9" * 61, "a\x00b"])
async def test_what_cannot_be_an_order_number_is_not_asked_for(
    client: httpx.AsyncClient, neighbours: Neighbours, sought: str
) -> None:
    answer = await find(client, sought)

    assert answer.status_code == 404
    assert neighbours.asked == []


async def test_without_the_declaration_service_nothing_is_said_to_be_unknown(
    client: httpx.AsyncClient,
) -> None:
    answer = await find(client, "536365")

    assert answer.status_code == 503
    assert "<h1>Declaration does not answer</h1>" in answer.text


async def test_outside_the_sandbox_nothing_is_looked_up(
    app: FastAPI, client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents[LIST] = listed(ONE)
    app.state.desk.settings = replace(app.state.desk.settings, sandbox=False)

    answer = await find(client, "536365")

    assert answer.status_code == 404
    assert "shown to their parties" in answer.text
    assert neighbours.asked == []


async def test_an_empty_search_leads_back_to_the_live_page(client: httpx.AsyncClient) -> None:
    answer = await find(client, " ")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
