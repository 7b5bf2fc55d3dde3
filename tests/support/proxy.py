"""Proxy: stands between clients and a server, and can be a bad line.

Closed it refuses, `reset` tears every connection, `delay` slows each piece down, and silent it takes everything and
passes nothing on: the fault that only deadlines find.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

PIECE = 64 * 1024
LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing sends a reset instead of a farewell."""


class Proxy:
    """One port of the loopback that leads to another."""

    def __init__(self, target: int, port: int = 0) -> None:
        self._target, self.port = target, port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self.delay = 0.0
        """Seconds that each piece takes."""
        self.keeps_ends = False
        """Whether the end of a connection is kept to itself: what was said last is passed on, and no more."""
        self.has_kept_one = asyncio.Event()

    async def open(self) -> None:
        """Listen; on a port of its own choice when none was named."""
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse whoever comes, and tear what is open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()
        self._passes.set()
        while self._pumps:
            await asyncio.wait(self._pumps)

    def reset(self) -> None:
        """Tear every connection, at both ends."""
        for writer in tuple(self._open):
            _tear(writer)

    def fall_silent(self) -> None:
        """Pass nothing on; connections stay."""
        self._passes.clear()

    def speak(self) -> None:
        """Pass on again, also what came meanwhile."""
        self._passes.set()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            self._open.discard(writer)
            _tear(writer)
            return
        self._open.add(far_writer)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(PIECE):
                await self._passes.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                sink.write(piece)
                await sink.drain()
        if self.keeps_ends:
            self.has_kept_one.set()
            return
        self._open.discard(sink)
        sink.close()


def through(url: str, port: int) -> str:
    """The same database behind another port."""
    at = urlsplit(url)
    return urlunsplit(at._replace(netloc=f"{at.username}:{at.password}@127.0.0.1:{port}"))


def _tear(writer: asyncio.StreamWriter) -> None:
    ours = writer.get_extra_info("socket")
    if ours is not None:
        with suppress(OSError):
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    writer.transport.abort()
