"""The gateway: its configuration holds, and its own errors are problem documents."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from deploy.local import gateway
from deploy.local.paths import Root
from deploy.local.ports import Ports
from deploy.local.stack import ALL
from tests.deploy.serving import serving

PROBLEM = "application/problem+json"
HELD = "/v1/declarations/held"
MOST = 300
"""Filings in hand before the gateway refuses the next."""
in_hand: list[str] = []


async def answer_with_its_name(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    sizes = [int(line.split(":")[1]) for line in head if line.lower().startswith("content-length:")]
    await reader.readexactly(sum(sizes))
    if head[0].split()[1] == HELD:
        in_hand.append(name)
        await reader.read()  # until whoever asks has gone
    body = json.dumps({"service": name, "path": head[0].split()[1], "head": head[1:]}).encode()
    status = b"405 No" if head[0].startswith("HEAD") else b"200 OK"  # as the services' framework answers
    length = b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    writer.write(b"HTTP/1.1 " + status + b"\r\n" + length + body)
    await writer.drain()
    writer.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway before seven echoing services, of which logistics is away."""
    root, ports = Root(tmp_path), Ports()
    root.create()
    upstreams, servers = {}, []
    for name in ALL:
        port = ports.take()
        upstreams[name] = f"127.0.0.1:{port}"
        if name != "logistics":
            echo = partial(answer_with_its_name, name)
            servers.append(await asyncio.start_server(echo, "127.0.0.1", port))
    port = ports.take()
    configuration = gateway.render(root, port, upstreams)
    await gateway.check(root, configuration)
    async with serving(root, configuration, port) as made:
        await made.get("/")  # it listens from here on
        yield made
    for server in servers:
        server.close()
    ports.close()


async def test_more_filings_than_can_be_answered_soon_are_refused_at_once_and_other_paths_are_served(
    client: httpx.AsyncClient,
) -> None:
    in_hand.clear()
    many = httpx.AsyncClient(base_url=client.base_url, limits=httpx.Limits(), timeout=60)
    held = [asyncio.create_task(many.post(HELD)) for _ in range(MOST)]
    async with asyncio.timeout(30):
        while len(in_hand) < MOST:
            await asyncio.sleep(0.01)

    refused = await client.post("/v1/declarations")
    served = await client.get("/v1/permits/1/verify")

    assert (refused.status_code, refused.headers["content-type"]) == (HTTPStatus.TOO_MANY_REQUESTS, PROBLEM)
    assert refused.headers["Retry-After"]
    assert refused.json()["fix"]
    assert served.status_code == HTTPStatus.OK
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    await many.aclose()


async def test_filings_that_are_sent_half_take_nobody_s_place(client: httpx.AsyncClient) -> None:
    half = b"POST /v1/declarations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
    writers = []
    for _ in range(MOST + 20):
        _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(half)
        writers.append(writer)

    filed = [await client.post("/v1/declarations") for _ in range(MOST)]

    assert {answer.status_code for answer in filed} == {HTTPStatus.OK}
    for writer in writers:
        writer.close()


async def test_each_path_has_one_owner(client: httpx.AsyncClient) -> None:
    owners = {
        "/v1/declarations": "declaration",
        "/v1/declarations/1": "declaration",
        "/v1/declarations/1/permit": "clearance",
        "/v1/declarations/1/permit.pdf": "clearance",
        "/v1/declarations/1/events": "portal",
        "/v1/reviews/customs": "declaration",
        "/v1/reviews/tax/7/claim": "tax",
        "/v1/reviews/clearance": "clearance",
        "/v1/permits/1/verify": "clearance",
        "/v1/clearance/1": "clearance",
        "/v1/assessments/1": "tax",
        "/v1/accounts/1": "tax",
        "/v1/accounts/1/entries": "tax",
        "/v1/bills": "tax",
        "/v1/bills/1/payments": "tax",
        "/v1/payments/callbacks/1": "tax",
        "/v1/receipts/1": "tax",
        "/v1/quotes": "tax",
        "/v1/law": "tax",
        "/v1/parties": "registry",
        "/oauth/token": "registry",
        "/.well-known/jwks.json": "registry",
        "/v1/operations/quarantine/parked": "quarantine",
        "/health/tax": "tax",
        "/metrics/portal": "portal",
        "/docs": "portal",
        "/": "portal",
    }

    found = {path: (await client.get(path)).json()["service"] for path in owners}

    assert found == owners


async def test_unknown_and_internal_addresses_are_problems(client: httpx.AsyncClient) -> None:
    of_the_portal = ("/metrics", "/readyz", "/healthz")
    internal = ("/internal/facts/1", "/x/..%2finternal/facts/1", *of_the_portal)
    for path in ("/v1", "/v1/nope", "/v1/reviews/nobody", *internal):
        answer = await client.get(path)

        assert (answer.status_code, answer.headers["content-type"]) == (HTTPStatus.NOT_FOUND, PROBLEM)
        assert answer.json()["code"] == "E-NOT-FOUND"


async def test_a_service_that_is_away_is_a_problem_with_a_time(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/consignments", json={})

    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.BAD_GATEWAY, "E-GATEWAY-AWAY")
    assert answer.headers["retry-after"] == "2"


async def test_only_a_batch_may_be_large_and_then_spills_to_disk(client: httpx.AsyncClient) -> None:
    body = b"x" * 3_000_000

    single = await client.post("/v1/declarations", content=body)
    batch = await client.post("/v1/declarations/batch", content=body)

    assert (single.status_code, single.json()["code"]) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "E-TOO-LARGE")
    assert (batch.status_code, batch.json()["service"]) == (HTTPStatus.OK, "declaration")


async def test_headers_and_addresses_too_long_are_problems(client: httpx.AsyncClient) -> None:
    headers = await client.get("/", headers={"X-Long": "y" * 20_000})
    address = await client.get("/?" + "y" * 20_000)

    assert (headers.status_code, headers.headers["content-type"]) == (431, PROBLEM)
    assert (address.status_code, address.headers["content-type"]) == (414, PROBLEM)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "QUERY", "FOO"])
async def test_a_method_that_nobody_takes_is_a_problem_that_names_those_taken(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.request(method, "/v1/declarations")

    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert (answer.json()["code"], answer.headers["allow"]) == ("E-METHOD", "GET, POST, PUT")


@pytest.mark.parametrize(
    ("request_line", "header", "status"),
    [
        ("POST /v1/declarations HTTP/1.1", "Transfer-Encoding: gzip", 501),
        ("GET / HTTP/9.0", "Accept: */*", 505),
        ("GET /v1/declarations HTTP/1.1", "X-A: a\x00b", 400),
    ],
)
async def test_what_is_no_http_of_ours_is_a_problem(
    client: httpx.AsyncClient, request_line: str, header: str, status: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    writer.write(f"{request_line}\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n".encode())

    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert f"Content-Type: {PROBLEM}".encode() in head
    assert json.loads(body)["status"] == status
    writer.close()


async def test_head_is_answered_as_get_is_without_the_body(client: httpx.AsyncClient) -> None:
    whole, head = await client.get("/v1/accounts/1"), await client.head("/v1/accounts/1")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert (await client.get("/v1/accounts/2")).json()["path"] == "/v1/accounts/2"


async def test_trace_context_goes_through_and_a_request_has_an_id(client: httpx.AsyncClient) -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    answer = await client.get("/v1/accounts/1", headers={"traceparent": traceparent})

    assert f"traceparent: {traceparent}" in answer.json()["head"]
    assert f"X-Request-Id: {answer.headers['x-request-id']}" in answer.json()["head"]


def test_every_problem_document_has_all_its_members() -> None:
    for file in (gateway.FOLDER / "problems").glob("*.json"):
        problem = json.loads(file.read_text())

        assert list(problem) == ["type", "title", "status", "code", "detail", "fix"]
        assert problem["status"] == int(file.stem)
        assert problem["type"].endswith(problem["code"].lower())
