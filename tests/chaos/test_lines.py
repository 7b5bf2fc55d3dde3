"""Lines: a bad line is as bad as it says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from deploy.local.ports import Ports
from tests.support.lines import Lines
from tests.support.proxy import Proxy

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def line() -> AsyncIterator[Proxy]:
    """A line to a server that says everything again."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1000):
            writer.write(piece)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        made = Proxy(server.sockets[0].getsockname()[1])
        await made.open()
        yield made
        await made.close()


async def call(line: Proxy) -> Ends:
    return await asyncio.open_connection("127.0.0.1", line.port)


async def ask(ends: Ends, text: bytes = b"hello") -> bytes:
    ends[1].write(text)
    return await asyncio.wait_for(ends[0].readexactly(len(text)), 5)


async def test_a_good_line_passes_everything_on(line: Proxy) -> None:
    ends = await call(line)

    assert await ask(ends, b"x" * 300_000) == b"x" * 300_000
    ends[1].close()


async def test_a_torn_line_is_a_reset(line: Proxy) -> None:
    ends = await call(line)
    await ask(ends)

    line.reset()

    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(ends[0].read(1), 5)
    again = await call(line)
    assert await ask(again) == b"hello"
    again[1].close()


async def test_a_closed_line_refuses_and_opens_at_the_same_place(line: Proxy) -> None:
    await line.close()

    with pytest.raises(ConnectionRefusedError):
        await call(line)
    await line.open()
    ends = await call(line)
    assert await ask(ends) == b"hello"
    ends[1].close()


async def test_a_silent_line_keeps_what_was_said_until_it_speaks(line: Proxy) -> None:
    ends = await call(line)
    await ask(ends)

    line.fall_silent()
    ends[1].write(b"later")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ends[0].read(5), 0.2)
    line.speak()

    assert await asyncio.wait_for(ends[0].readexactly(5), 5) == b"later"
    ends[1].close()


async def test_a_slow_line_takes_its_time_each_way(line: Proxy) -> None:
    ends = await call(line)
    line.delay = 0.1

    start = time.monotonic()
    await ask(ends)

    assert time.monotonic() - start >= 0.2
    ends[1].close()


async def test_lines_in_a_process_of_their_own_do_what_they_are_told(line: Proxy) -> None:
    lines, ports = Lines(), Ports()
    far = Proxy(line.port, ports.take())
    await lines.start()

    await lines.tell("echo", "lay", target=line.port, port=far.port)
    ends = await call(far)
    assert await ask(ends) == b"hello"
    await lines.tell("echo", "reset")
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(ends[0].read(1), 5)
    with pytest.raises(RuntimeError, match="line echo did not jump"):
        await lines.tell("echo", "jump")

    await lines.stop()
    ports.close()
