"""The gateway's names: where addresses are asked for, a service that is away is not taken for one that is busy."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from deploy.local import gateway
from deploy.local.paths import Root
from deploy.local.ports import Ports
from deploy.local.stack import ALL
from tests.deploy.serving import serving

FOUND, NO_SUCH_NAME = b"\x81\x80", b"\x81\x83"
QUESTION = 12
"""Bytes before the question of a message of DNS (RFC 1035, section 4.1)."""


class Names(asyncio.DatagramProtocol):
    """A name server that knows the same addresses for every name."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, asker: tuple[str, int]) -> None:
        how = FOUND if self._addresses else NO_SUCH_NAME
        counts = b"\0\1" + len(self._addresses).to_bytes(2, "big") + bytes(4)
        records = (b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(address) for address in self._addresses)
        self._transport.sendto(data[:2] + how + counts + data[QUESTION:] + b"".join(records), asker)


@asynccontextmanager
async def a_gateway(folder: Path, addresses: Sequence[str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that asks for names, as in containers. Nobody listens at any of the addresses."""
    root, ports = Root(folder), Ports()
    root.create()
    names, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Names(addresses), ("127.0.0.1", 0)
    )
    resolver = f"resolver 127.0.0.1:{names.get_extra_info('sockname')[1]} valid=1s ipv6=off;"
    port, silent = ports.take(), ports.take()
    configuration = gateway.render(root, port, {name: f"{name}.test:{silent} resolve" for name in ALL})
    configuration.write_text(configuration.read_text().replace("http {", f"http {{ {resolver}", 1))
    async with serving(root, configuration, port) as client:
        yield client
    names.close()
    ports.close()


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"]], ids=["one", "two"])
async def test_filings_that_no_address_of_declaration_takes_are_told_that_it_is_away(
    tmp_path: Path, addresses: list[str]
) -> None:
    async with a_gateway(tmp_path, addresses) as client:
        async with asyncio.timeout(10):
            while (await client.post("/v1/declarations")).status_code == HTTPStatus.TOO_MANY_REQUESTS:
                await asyncio.sleep(0.02)  # until the name is known

        answers = [await client.post("/v1/declarations") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [HTTPStatus.BAD_GATEWAY] * 4
    assert {answer.json()["code"] for answer in answers} == {"E-GATEWAY-AWAY"}


async def test_filings_while_no_address_of_declaration_is_known_are_to_be_sent_again(tmp_path: Path) -> None:
    async with a_gateway(tmp_path, []) as client:
        filed, other = await client.post("/v1/declarations"), await client.get("/v1/accounts/1")

    assert (filed.status_code, filed.headers["retry-after"]) == (HTTPStatus.TOO_MANY_REQUESTS, "1")
    assert other.status_code == HTTPStatus.BAD_GATEWAY
