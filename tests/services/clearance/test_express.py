"""The express lane of permits: whoever asks is answered as by the framework's own way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from services.clearance.api import JOSE, permit_at_once, router
from services.clearance.signing import Keyring
from services.clearance.store import SqlCaseBook
from shared.runtime.database import open_engine
from shared.runtime.express import ExpressApp
from shared.runtime.migrate import migrate
from shared.runtime.problems import answer_problems
from tests.conftest import MakeDatabase
from tests.services.clearance.words import ID, all_pass, customs, tell
from tests.support.builders import a_declaration_id
from tests.support.tokens import a_verifier, bearer

ROUTE = "/v1/declarations/{declaration_id}/permit"
OPEN, ABSENT = a_declaration_id(2), a_declaration_id(3)
SELLER = bearer(party="SELLER0001")
OWN = ("trace_id",)
"""Members that differ from answer to answer."""


@pytest.fixture
async def app(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[ExpressApp]:
    """A window in which one declaration has its permit, and one has not."""
    database = await make_database("clearance")
    await migrate("clearance", database.owner_url)
    engine, keyring = open_engine(database.url, pool_size=2, name="test"), Keyring(tmp_path)
    async with engine.begin() as connection:
        book = SqlCaseBook(connection, keyring.current)
        await tell(book, [*all_pass(), customs(declaration_id=OPEN)])
    app = ExpressApp(redirect_slashes=False)
    app.express("GET", ROUTE, permit_at_once, is_plain=lambda _: True)
    app.include_router(router)
    answer_problems(app)
    app.state.keyring, app.state.verifier = keyring, a_verifier()
    app.state.runtime = SimpleNamespace(engine=engine)
    yield app
    await engine.dispose()


@pytest.mark.parametrize(
    ("declaration_id", "headers", "status"),
    [
        pytest.param(ID, SELLER, 200, id="a permit"),
        pytest.param(ID, SELLER | {"Accept": JOSE}, 200, id="its signature alone"),
        pytest.param(OPEN, SELLER, 404, id="none yet"),
        pytest.param(ABSENT, SELLER, 404, id="no declaration"),
        pytest.param(ID, bearer(party="SELLER0009"), 404, id="of others"),
        pytest.param(ID, {}, 401, id="without a token"),
        pytest.param(ID, {"Authorization": "Bearer x"}, 401, id="with a token that is none"),
        pytest.param(ID, bearer(party="SELLER0001", scope="accounts:read"), 403, id="without the scope"),
    ],
)
async def test_both_ways_give_the_same_answer(
    app: ExpressApp, declaration_id: str, headers: dict[str, str], status: int
) -> None:
    path = ROUTE.format(declaration_id=declaration_id)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        by_lane = await client.get(path, headers=headers)
        app.express("GET", ROUTE, permit_at_once, is_plain=lambda _: False)
        by_framework = await client.get(path, headers=headers)

    assert by_lane.status_code == status
    assert said(by_lane) == said(by_framework)
    assert by_lane.headers["traceresponse"].startswith("00-")


@pytest.mark.parametrize("name", ["nonsense", "{declaration_id}", ID.upper(), f"{ID}0", f"{ID}/permit"])
async def test_what_names_no_declaration_goes_the_framework_s_way(app: ExpressApp, name: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get(ROUTE.format(declaration_id=name), headers=SELLER)

    assert answer.status_code == 404
    assert "traceresponse" not in answer.headers  # which the lane has of its own, and this bare window not


def said(answer: httpx.Response) -> tuple[int, object, dict[str, str]]:
    """An answer without what is its own."""
    own = {"traceresponse", "content-length"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    if "json" not in answer.headers["content-type"]:
        return answer.status_code, answer.content, headers
    return answer.status_code, {k: v for k, v in answer.json().items() if k not in OWN}, headers
