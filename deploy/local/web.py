"""One question by HTTP: what status does this address answer?"""

import asyncio

NOBODY = 0


async def status(port: int, path: str, deadline: float = 2.0) -> int:
    """The status of a GET on the loopback; 0 where nobody answers in time."""
    try:
        return await asyncio.wait_for(_ask(port, path), deadline)
    except (OSError, TimeoutError, ValueError, IndexError):
        return NOBODY


async def _ask(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
