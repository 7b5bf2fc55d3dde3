"""Platform: the whole of it, running, for a session of tests.

Its own folder, free ports, real processes. The stack's loop is its own, and outlives those of single tests.
"""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from deploy.local.paths import STATE, forget_abandoned
from deploy.local.ports import Ports
from deploy.local.stack import Stack

T = TypeVar("T")


class Platform:
    """A running stack, what its supervisor said, and tokens of the sandbox's clients."""

    def __init__(self, name: str = "flows", *, brokers: int = 0) -> None:
        forget_abandoned()
        self.root = STATE / f"test-{name}-{os.getpid()}"
        self.said: list[tuple[float, str]] = []
        """Lines of the supervisor, each with its moment (monotonic)."""
        self._tokens: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="platform", daemon=True)
        self._thread.start()
        self.stack = self._open(brokers)

    def start(self) -> None:
        """Everything, until it is ready."""
        self._do(self.stack.start(timeout=150))

    def start_again(self) -> None:
        """Everything, from what lies in the folder, after it was stopped."""
        self._tokens.clear()
        self.stack = self._open(0)
        self.start()

    def stop(self) -> None:
        """End all of it; the folder stays."""
        self._do(self.stack.stop())

    def crash(self) -> None:
        """All of it dies at once; the folder stays."""
        self._do(self.stack.stop(grace=0))

    def close(self) -> None:
        """End all of it; the folder goes too."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def kill(self, name: str, rest: float = 0.0) -> None:
        """kill -9; the supervisor starts it again, after a rest if one is named."""
        self._loop.call_soon_threadsafe(self.stack.kill, name, rest)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """kill -9, and nobody starts it again before the block ends."""
        self.kill(name, rest=math.inf)
        try:
            yield
        finally:
            self._do(self.stack.restart(name))

    def wait_ready(self) -> None:
        """Until broker, database and all services answer (again)."""
        self._do(self.stack.wait_for_infrastructure())
        self._do(self.stack.wait_ready(90))

    def token(self, client_id: str) -> str:
        """A token of a client of the sandbox, asked for once."""
        if client_id not in self._tokens:
            form = {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": f"sandbox-{client_id}",
            }
            answer = httpx.post(f"{self.stack.gateway_url}/oauth/token", data=form)
            answer.raise_for_status()
            self._tokens[client_id] = answer.json()["access_token"]
        return self._tokens[client_id]

    def _open(self, brokers: int) -> Stack:
        stack = Stack(
            self.root,
            gateway_port=_free_port(),
            brokers=brokers,
            environment={"PATH": os.defpath},
            say=self._say,
        )
        self._do(stack.__aenter__())
        return stack

    def _say(self, line: str) -> None:
        self.said.append((time.monotonic(), line))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=180)


def _free_port() -> int:
    """Not the one that a person's own run prefers."""
    ports = Ports()
    number = ports.take()
    ports.close()
    return number
