"""Problems: what nobody expected is answered, and the next request along the same connection too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import uvicorn
from fastapi import FastAPI, Query

from shared.runtime.http import ProblemProtocol
from shared.runtime.problems import answer_problems


def an_app() -> FastAPI:
    app = FastAPI()
    answer_problems(app)

    @app.get("/away")
    @app.post("/away")
    async def away() -> None:
        raise ConnectionRefusedError("the database was killed")

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("a bug")

    @app.get("/list")
    async def listed(limit: int = Query(1, le=9), page: int = Query(1, le=9)) -> int:
        return limit + page

    return app


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """An app behind the server that the services run under."""
    server = uvicorn.Server(uvicorn.Config(an_app(), port=0, http=ProblemProtocol, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def ask(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    return await client.request(method, path)


async def test_an_error_closes_no_connection_that_the_gateway_keeps(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []

    for _ in range(3):
        writer.write(b"POST /away HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        size = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line)
        await reader.readexactly(size)
        answers.append(head.split(b"\r\n")[0])

    assert answers == [b"HTTP/1.1 503 Service Unavailable"] * 3
    writer.close()


async def test_a_store_that_is_away_says_what_a_reader_and_a_writer_may_do(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        read, written, broken = (
            await ask(client, "GET", "/away"),
            await ask(client, "POST", "/away"),
            await ask(client, "GET", "/broken"),
        )

    assert [each.status_code for each in (read, written, broken)] == [503, 503, 500]
    assert {each.json()["code"] for each in (read, written, broken)} == {"E-SYS"}
    assert "send" not in read.json()["fix"]
    assert "send it again, unchanged" in written.json()["fix"]
    assert read.headers["retry-after"] == "2"


async def test_what_is_no_http_is_a_problem_too(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x01b\r\n\r\n")

    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")

    assert b"content-type: application/problem+json" in head
    assert msgspec.json.decode(body)["code"] == "E-GATEWAY-REQUEST"
    writer.close()


async def test_faults_are_counted_as_people_do(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        one, two = await ask(client, "GET", "/list?limit=x"), await ask(client, "GET", "/list?limit=x&page=y")

    assert one.json()["detail"] == "the request has 1 fault"
    assert two.json()["detail"] == "the request has 2 faults"
