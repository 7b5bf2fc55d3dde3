"""Lines: proxies in a process of their own, told by their parent what to do.

Whoever drives a campaign is busy; a line must not get slow because of that.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from deploy.local.paths import CHECKOUT
from tests.support.proxy import Proxy


class Lines:
    """The parent's end: named lines, and words to them."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """The process, without a line yet."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.lines"),
            cwd=CHECKOUT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the parent's
        )

    async def tell(self, line: str, do: str, **how: Any) -> None:
        """One order, done when this returns: lay (target, port), open, close, reset, silence, speak, slow (delay)."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        async with self._turn:
            process.stdin.write(json.dumps({"line": line, "do": do, **how}).encode() + b"\n")
            answer = (await process.stdout.readline()).decode().strip()
        if answer != "done":
            raise RuntimeError(f"line {line} did not {do}: {answer}")

    async def stop(self) -> None:
        """All lines end."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()
            self._process = None


async def obey() -> None:
    """The child's end: orders from standard input, until it is closed."""
    loop, orders = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    lines: dict[str, Proxy] = {}
    while order := await orders.readline():
        try:
            await _do(lines, **json.loads(order))
            answer = "done"
        except Exception as error:  # noqa: BLE001 - the parent hears of it
            answer = f"{type(error).__name__}: {error}"
        sys.stdout.write(answer.replace("\n", " ") + "\n")
        sys.stdout.flush()


async def _do(lines: dict[str, Proxy], line: str, do: str, **how: Any) -> None:
    if do == "lay":
        lines[line] = Proxy(how["target"], how["port"])
    proxy = lines[line]
    if do in ("lay", "open"):
        await proxy.open()
    elif do == "close":
        await proxy.close()
    elif do == "slow":
        proxy.delay = how["delay"]
    else:
        {"reset": proxy.reset, "silence": proxy.fall_silent, "speak": proxy.speak}[do]()


if __name__ == "__main__":
    asyncio.run(obey())
