"""The express lane: whatever is sent to it is answered as by the framework's own way."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from services.declaration.api import file_at_once
from shared.runtime.express import ExpressApp
from tests.services.declaration.calls import AGENT, STRANGER, a_filing, as_

GOOD = msgspec.json.encode(a_filing())
READER = {**AGENT, "scope": "declarations:read"}
OF_ITS_OWN = ("trace_id",)
"""Members that differ from answer to answer."""


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(as_(), GOOD, id="good"),
        pytest.param(as_(AGENT, **{"Idempotency-Key": "one"}), GOOD, id="with a key"),
        pytest.param(as_(AGENT, **{"Idempotency-Key": "a b"}), GOOD, id="with a key that is none"),
        pytest.param(as_(AGENT, **{"Idempotency-Key": ""}), GOOD, id="with an empty key"),
        pytest.param(as_(AGENT, **{"Content-Type": "text/plain"}), GOOD, id="as a text"),
        pytest.param({}, GOOD, id="without a token"),
        pytest.param({"Authorization": "Bearer x"}, GOOD, id="with a token that is none"),
        pytest.param(as_(READER), GOOD, id="without the scope"),
        pytest.param(as_(STRANGER), GOOD, id="of others"),
        pytest.param(as_(), b"{", id="no JSON"),
        pytest.param(as_(), b"", id="nothing"),
        pytest.param(as_(), b"[]", id="a list"),
        pytest.param(as_(), b'{"mode":"9999","mode":1}', id="faults of shape"),
        pytest.param(as_(), msgspec.json.encode(a_filing(waybill__freight=999)), id="faults of content"),
        pytest.param(as_(), b" " * (1024 * 1024 + 1), id="too large"),
    ],
)
async def test_both_ways_give_the_same_answer(
    app: ExpressApp, client: httpx.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    first = await client.post("/v1/declarations", content=body, headers=headers)
    by_lane = await client.post("/v1/declarations", content=body, headers=headers)
    app.express("POST", "/v1/declarations", file_at_once, is_plain=lambda _: False)
    by_framework = await client.post("/v1/declarations", content=body, headers=headers)

    assert said(by_lane) == said(by_framework)
    assert by_lane.status_code == first.status_code


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/declarations?x=1"), ("POST", "/v1/declarations/"), ("PUT", "/v1/declarations")],
)
async def test_what_is_not_plain_goes_the_framework_s_way(
    app: ExpressApp, client: httpx.AsyncClient, method: str, path: str
) -> None:
    async def never(_: Any) -> Any:
        raise AssertionError("by the lane")

    app.express("POST", "/v1/declarations", never, is_plain=lambda _: True)

    answer = await client.request(method, path, content=GOOD, headers=as_())

    assert answer.status_code in {400, 404, 405}


async def test_what_a_lane_does_not_expect_is_answered_too(
    app: ExpressApp, client: httpx.AsyncClient
) -> None:
    async def broken(_: Any) -> Any:
        raise LookupError("unexpected")

    app.express("POST", "/v1/declarations", broken, is_plain=lambda _: True)

    answer = await client.post("/v1/declarations", content=GOOD, headers=as_())

    assert (answer.status_code, answer.json()["code"]) == (500, "E-SYS")
    assert answer.headers["traceresponse"].startswith("00-")


def said(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    """An answer without what is its own."""
    told = {name: value for name, value in answer.json().items() if name not in OF_ITS_OWN}
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"traceresponse", "content-length"}
    }
    return answer.status_code, told, headers
