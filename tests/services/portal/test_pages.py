"""Pages: complete without scripts, escaped, and honest about who is away."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI

from tests.support.neighbours import Neighbours
from tests.support.told import AT, DECLARATION, SHOWN, cleared, told

TALLY = {
    "filed": 12345,
    "open": 4,
    "permit": 12000,
    "refused": 341,
    "cancelled": 0,
    "held": {"tax": 3},
    "passed": {"tax": 12001},
}


class Outline(HTMLParser):
    """What a page consists of, as a screen reader or a browser would find it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.styles = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.styles += "style" in given
        self.ids += [given["id"] or ""] if "id" in given else []
        self.addresses += [given[name] or "" for name in ("href", "src", "action") if name in given]


async def test_the_live_page_shows_the_pipeline(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.documents["clearance", "/internal/tally"] = TALLY
    neighbours.documents["tax", "/internal/status"] = {"lag": 17, "parked": 0, "early": 0, "outbox": 0}
    neighbours.documents["declaration", "/internal/door"] = {"refused": 81}
    neighbours.documents["declaration", "/v1/declarations"] = {"items": [SHOWN], "next_cursor": None}

    page = (await client.get("/")).text

    assert "12,345" in page
    assert 'data-value="services.tax.lag">17<' in page
    assert 'data-value="passed.tax">12,001<' in page
    assert 'data-value="door">81<' in page
    assert f'href="/declarations/{DECLARATION}"' in page
    assert "Sandbox view" in page


async def test_a_declaration_shows_its_gates_and_its_story(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", AT] = SHOWN
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": cleared()[1:4], "away": []}

    page = (await client.get(f"/declarations/{DECLARATION}")).text

    assert "AWAITING_PAYMENT" in page
    assert "by <time" in page
    assert "has not spoken" in page
    assert "tax.assessed.v1" in page
    assert "data-refresh" in page
    assert ("declaration", AT, "Bearer observer") in neighbours.asked


async def test_a_settled_declaration_links_its_permit_and_is_not_asked_for_again(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", AT] = SHOWN | {"permit_no": "SW20260001000000042", "clearance": None}
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": cleared()}

    page = (await client.get(f"/declarations/{DECLARATION}")).text

    assert "/v1/permits/SW20260001000000042/verification" in page
    assert "data-refresh" not in page
    assert "40 ms" in page


async def test_a_permit_that_was_revoked_is_shown_as_revoked(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    revoked = {"status": "REVOKED", "permit_no": "SW20260001000000042", "clearance": None}
    neighbours.documents["declaration", AT] = SHOWN | revoked
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": cleared()}

    page = (await client.get(f"/declarations/{DECLARATION}")).text

    assert "Revoked permit <strong" in page
    assert '<p class="permit refused">' in page
    assert "✓" not in page


async def test_what_others_wrote_is_escaped(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    evil = "</pre><script>alert(1)</script>"
    neighbours.documents["declaration", AT] = SHOWN
    neighbours.documents["declaration", f"{AT}/timeline"] = {
        "facts": [told("declaration", 1, "submitted", event={"order_no": evil})]
    }

    page = (await client.get(f"/declarations/{DECLARATION}")).text

    assert "<script>alert" not in page
    assert "<b>536365" not in page


@pytest.mark.parametrize("path", ["/", f"/declarations/{DECLARATION}", "/docs", "/declarations/x"])
async def test_every_page_has_landmarks_and_nothing_from_elsewhere(
    client: httpx.AsyncClient, neighbours: Neighbours, path: str
) -> None:
    neighbours.documents["declaration", AT] = SHOWN
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": cleared()}

    answer = await client.get(path)

    outline = Outline(answer.text)
    assert [outline.tags.count(tag) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    assert "nav" in outline.tags
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.styles == 0
    assert all(address.startswith(("/", "#")) for address in outline.addresses)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/declarations/nonsense",
        f"/declarations/{DECLARATION}",
    ],
)
async def test_what_is_not_there_is_a_page_too(
    client: httpx.AsyncClient, neighbours: Neighbours, path: str
) -> None:
    neighbours.documents["declaration", AT] = httpx.Response(404, json={})

    answer = await client.get(path)

    assert answer.status_code == 404
    assert "No such declaration" in answer.text
    assert "<b>" not in answer.text


async def test_outside_the_sandbox_no_declaration_is_shown(
    app: FastAPI, client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["declaration", AT] = SHOWN
    neighbours.documents["declaration", "/v1/declarations"] = {"items": [SHOWN]}
    app.state.desk.settings = replace(app.state.desk.settings, sandbox=False)

    page, live = await client.get(f"/declarations/{DECLARATION}"), await client.get("/")
    permit = await client.get(f"/declarations/{DECLARATION}/permit.pdf")

    for answer in (page, permit):
        assert answer.status_code == 404
        assert "Declarations are shown to their parties, through the API." in answer.text
    assert DECLARATION not in live.text
    assert not [asked for asked in neighbours.asked if asked[2]]


async def test_static_files_are_kept_by_browsers_until_they_change(client: httpx.AsyncClient) -> None:
    first = await client.get("/static/portal.css")
    mark = first.headers["ETag"].strip('"')

    again = await client.get("/static/portal.css", headers={"If-None-Match": f'"{mark}"'})
    marked = await client.get(f"/static/portal.css?{mark}")

    assert (first.status_code, again.status_code) == (200, 304)
    assert first.headers["Cache-Control"] == "no-cache"
    assert "immutable" in marked.headers["Cache-Control"]
    assert (await client.get("/static/..%2fmain.py")).status_code == 404


async def test_the_reference_is_that_of_all_services(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["tax", "/openapi.json"] = {
        "paths": {"/v1/assessments/{declaration_id}": {"get": {"summary": "Read", "responses": {}}}}
    }

    reference, page = (await client.get("/openapi.json")).json(), (await client.get("/docs")).text

    assert "/v1/assessments/{declaration_id}" in reference["paths"]
    assert "/v1/declarations/{declaration_id}/events" in reference["paths"]
    assert "/v1/assessments/{declaration_id}" in page
    assert "/healthz" not in reference["paths"]


async def test_a_person_who_is_lost_is_shown_the_way_and_a_program_is_told(client: httpx.AsyncClient) -> None:
    person = await client.get("/nowhere/<b>", headers={"Accept": "text/html,*/*"})
    program = await client.get("/nowhere", headers={"Accept": "application/json"})

    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "No such page" in person.text
    assert 'href="/quote"' in person.text
    assert "<b>" not in person.text
    assert (program.status_code, program.json()["code"]) == (404, "E-NOT-FOUND")


async def test_a_declaration_without_permit_is_not_said_to_be_unknown(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["clearance", f"{AT}/permit.pdf"] = httpx.Response(404, json={})

    answer = await client.get(f"/declarations/{DECLARATION}/permit.pdf")

    assert answer.status_code == 404
    assert "No permit" in answer.text
    assert f'href="/declarations/{DECLARATION}"' in answer.text
