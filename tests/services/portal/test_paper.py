"""Paper: no page shows a time of day without its zone, and what is asked for is not kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from services.portal import paper
from services.portal.paper import moment, static
from tests.services.portal.test_accounts import ACCOUNT, HERE, PARTS, a_session
from tests.support.neighbours import Neighbours
from tests.support.told import AT, DECLARATION, SHOWN, cleared

TIME = re.compile(r"\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?! UTC|[\d:.])")
MACHINES = re.compile(r'<pre.*?</pre>| datetime="[^"]*"', re.DOTALL)
"""Where moments stand as a program reads them, with their zone."""


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ("minutes", "2026-11-30 16:00 UTC"),
        ("seconds", "2026-11-30 16:00:09 UTC"),
        ("milliseconds", "2026-11-30 16:00:09.012 UTC"),
    ],
)
def test_a_moment_is_shown_with_its_zone(places: str, shown: str) -> None:
    in_china = datetime(2026, 12, 1, 0, 0, 9, 12_345, tzinfo=timezone(timedelta(hours=8)))

    assert moment(in_china, places) == shown
    assert moment(in_china.isoformat(), places) == shown
    assert moment(None, places) == moment("", places) == ""


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/declarations/{DECLARATION}", "2026-03-01 12:00:00.040 UTC"),
        ("/live/latest", "2026-03-16 12:00 UTC"),
        ("/accounts/AGENT00001", "2026-11-30 16:00 UTC"),
    ],
)
async def test_every_time_of_day_on_a_page_names_its_zone(
    client: httpx.AsyncClient, neighbours: Neighbours, path: str, told: str
) -> None:
    neighbours.documents["declaration", AT] = SHOWN
    neighbours.documents["declaration", f"{AT}/timeline"] = {"facts": cleared()}
    neighbours.documents["declaration", "/v1/declarations"] = {"items": [SHOWN], "next_cursor": None}
    neighbours.documents["clearance", "/internal/gates"] = {DECLARATION: SHOWN["clearance"]}
    neighbours.documents["tax", HERE] = ACCOUNT
    for part, items in PARTS.items():
        open_items = [item | {"status": "OPEN", "due_at": None} for item in items if "closes_at" in item]
        neighbours.documents["tax", part] = {"items": items + open_items, "next_cursor": None}

    page = MACHINES.sub("", (await client.get(path, headers=a_session())).text)

    assert told in page
    assert TIME.findall(page) == []


def kept() -> int:
    """How much the caches of the paper hold."""
    caches = [value for value in vars(paper).values() if hasattr(value, "cache_info")]
    return sum(cache.cache_info().currsize for cache in caches)


async def test_names_that_strangers_make_up_are_not_kept(client: httpx.AsyncClient) -> None:
    await client.get("/static/portal.css")
    before = kept()

    answers = [await client.get(f"/static/made-up-{number}.css") for number in range(9)]

    assert {answer.status_code for answer in answers} == {404}
    assert kept() == before


@pytest.mark.parametrize("name", ["portal.css", "portal.js", "quote.js", "window.svg"])
def test_a_static_file_is_read_once(name: str) -> None:
    assert static(name) is not None
    assert static(name) is static(name)
