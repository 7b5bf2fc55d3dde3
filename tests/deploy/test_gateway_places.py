"""The gateway's places: few filings may be in hand at once, and who only reads holds none of them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from deploy.local import gateway
from deploy.local.paths import Root
from deploy.local.ports import Ports
from deploy.local.stack import ALL
from tests.deploy.serving import serving

PLACES = 2
LONG = bytes(16 * 1024 * 1024)
"""More than the gateway and the system take in for a caller who does not read."""
asked: list[str] = []


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A declaration service whose timelines are long."""
    method = (await reader.readuntil(b"\r\n\r\n")).decode().split()[0]
    asked.append(method)
    body = LONG if method == "GET" else b"filed"
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    with suppress(ConnectionError):
        await reader.read()  # until the gateway has what it wants, or has gone
    writer.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with two places for filings."""
    asked.clear()
    root, ports = Root(tmp_path), Ports()
    root.create()
    port, behind = ports.take(), ports.take()
    server = await asyncio.start_server(answer, "127.0.0.1", behind)
    configuration = gateway.render(root, port, dict.fromkeys(ALL, f"127.0.0.1:{behind}"))
    whole = configuration.read_text()
    assert "max_conns=300" in whole
    configuration.write_text(whole.replace("max_conns=300", f"max_conns={PLACES}"))
    async with serving(root, configuration, port) as made:
        await made.post("/v1/declarations")  # it listens from here on
        yield made
    server.close()
    ports.close()


async def test_answers_that_are_not_read_take_no_filing_s_place(client: httpx.AsyncClient) -> None:
    idle = [socket.create_connection(("127.0.0.1", client.base_url.port)) for _ in range(PLACES + 1)]
    for each in idle:
        each.sendall(b"GET /v1/declarations/1/timeline HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(10):
        while asked.count("GET") < PLACES:
            await asyncio.sleep(0.01)

    filed = [await client.post("/v1/declarations") for _ in range(PLACES + 1)]

    assert {each.status_code for each in filed} == {HTTPStatus.OK}
    for each in idle:
        each.close()
