"""Away: every page says which service is missing, and comes back by itself."""

from __future__ import annotations

import httpx
import pytest

from tests.support.neighbours import Neighbours
from tests.support.told import AT, DECLARATION, SHOWN, cleared


@pytest.mark.parametrize(
    ("path", "who"),
    [
        (f"/declarations/{DECLARATION}", "Declaration"),
        (f"/declarations/{DECLARATION}/permit.pdf", "Clearance"),
    ],
)
async def test_a_service_that_is_away_is_named_on_a_page_that_comes_back(
    client: httpx.AsyncClient, path: str, who: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 503
    assert f"<h1>{who} does not answer</h1>" in answer.text
    assert "data-refresh" in answer.text


async def test_without_registry_a_page_is_a_page_too(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["registry", "/oauth/token"] = httpx.Response(503)

    page, rows = await client.get(f"/declarations/{DECLARATION}"), await client.get("/live/latest")

    assert "<h1>Registry does not answer</h1>" in page.text
    assert "Registry does not answer, so this page has no token" in rows.text


async def test_a_declaration_whose_story_lacks_somebody_is_not_settled_and_asked_for_again(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", AT] = SHOWN | {"clearance": None, "away": ["clearance"]}
    neighbours.documents["declaration", f"{AT}/timeline"] = {
        "facts": cleared(),
        "away": ["clearance", "tax"],
    }

    page = (await client.get(f"/declarations/{DECLARATION}")).text

    assert "Clearance and tax do not answer now" in page
    assert ">now</text>" in page
    assert "data-refresh" in page


async def test_while_tax_alone_is_away_clearance_is_not_said_to_be(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", AT] = SHOWN | {"clearance": None}
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": cleared(), "away": ["tax"]}

    page = (await client.get(f"/declarations/{DECLARATION}")).text

    assert "Tax does not answer now" in page
    assert "Clearance does not answer now" not in page
    assert "Clearance has not heard of it yet" in page


async def test_a_fault_of_clearance_denies_no_permit(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["clearance", f"{AT}/permit.pdf"] = httpx.Response(500, json={"code": "E-SYS"})

    answer = await client.get(f"/declarations/{DECLARATION}/permit.pdf")

    assert answer.status_code == 503
    assert "<h1>Clearance does not answer</h1>" in answer.text


async def test_the_reference_says_whose_part_is_missing(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text

    assert "do not answer yet: their operations are missing here" in page
    assert "data-refresh" in page


async def test_the_live_page_stands_while_everything_is_away(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")

    assert answer.status_code == 200
    assert "clearance does not answer, there are no counts yet" in answer.text
    assert answer.text.count("data-away") >= 6
