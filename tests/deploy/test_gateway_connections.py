"""The gateway's connections: those that many filings went through at once are there for the next."""

import asyncio
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from deploy.local import gateway
from deploy.local.paths import Root
from deploy.local.ports import Ports
from deploy.local.stack import ALL
from tests.deploy.serving import serving

BATCH = 100


class Declaration:
    """A declaration service that stores filings together: it answers a batch when the last of it has come."""

    def __init__(self) -> None:
        self.connections = 0
        self._together = asyncio.Barrier(BATCH)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                await self._together.wait()
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        writer.close()


async def test_filings_that_are_answered_together_leave_their_connections_to_the_next(tmp_path: Path) -> None:
    root, ports, service = Root(tmp_path), Ports(), Declaration()
    root.create()
    port, behind, nowhere = ports.take(), ports.take(), ports.take()
    server = await asyncio.start_server(service.serve, "127.0.0.1", behind)
    others = dict.fromkeys(ALL, f"127.0.0.1:{nowhere}")
    configuration = gateway.render(root, port, {**others, "declaration": f"127.0.0.1:{behind}"})

    async with serving(root, configuration, port) as client:
        await client.get("/")  # it listens from here on
        for _ in range(3):
            filed = await asyncio.gather(*(client.post("/v1/declarations") for _ in range(BATCH)))
            assert {answer.status_code for answer in filed} == {HTTPStatus.ACCEPTED}

    assert service.connections == BATCH
    server.close()
    ports.close()
