"""World: what faults strike: a stack with a line before its broker and its database that can be made bad."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.local.brokers import Brokers
from deploy.local.paths import CHECKOUT, STATE
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from deploy.local.supervisor import GRACE, Program
from tests.chaos import disks
from tests.support.addresses import database_of
from tests.support.lines import Lines

HEARERS = ("declaration", "tax", "quarantine", "logistics", "clearance")
"""Services that read topics."""


class World(Stack):
    """A stack whose services reach broker and database through lines of ours."""

    def __init__(self, *, brokers: int, said: list[str]) -> None:
        root = STATE / f"test-chaos-{os.getpid()}"
        ports = Ports()
        gateway = ports.take()
        ports.close()
        outside = {"PATH": os.defpath}
        super().__init__(root, brokers=brokers, gateway_port=gateway, environment=outside, say=said.append)
        self._lines, self._at = Lines(), dict[str, int]()
        """Where each line begins, by what it leads to."""
        self.altered: dict[str, dict[str, str]] = {}
        """Environment that a fault gives a service, by service."""
        self.spoilt: dict[str, float] = {}
        """By service, the moment until which a bad release makes it answer 500 (seconds of the monotonic clock)."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self._lines.start()
        for name in ("postgres", *super().brokers.names):
            self._at[name] = self._ports.take()
            await self._lines.tell(name, "lay", target=self._numbers[name], port=self._at[name])
        disks.mount(self.root.path)
        return self

    async def stop(self, grace: float = GRACE) -> None:
        """The lines end with what they lead to."""
        await super().stop(grace)
        await self._lines.stop()
        disks.unmount(self.root.path)
        shutil.rmtree(self.root.path, ignore_errors=True)

    def keep_logs(self, folder: Path) -> None:
        """Copy the logs where they outlive the campaign."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.root.logs, folder)

    @property
    def brokers(self) -> Brokers:
        """They send clients to our lines."""
        return replace(super().brokers, advertised=self._at)

    def database_url(self, service: str) -> str:
        """Through our line."""
        return self._through_line(super().database_url(service), service)

    def owner_url(self, service: str) -> str:
        """Through our line."""
        return self._through_line(super().owner_url(service), service)

    def _through_line(self, url: str, service: str) -> str:
        user = urlsplit(url).netloc.rpartition("@")[0]
        return urlunsplit(("postgresql", f"{user}@127.0.0.1:{self._at['postgres']}", f"/{service}", "", ""))

    def environment(self, service: str) -> dict[str, str]:
        """What a fault has altered comes last."""
        return super().environment(service) | self.altered.get(service, {})

    async def start_postgres(self) -> None:
        """On a disk of its own, where we may have one."""
        await self.postgres.prepare()
        disks.move_in(self.root.path, "postgres")
        await super().start_postgres()

    # --- what faults do ---

    async def tell(self, end: str, do: str, **how: Any) -> None:
        """A word to the lines to `broker` or `database`."""
        for name in self._at:
            if (name == "postgres") == (end == "database"):
                await self._lines.tell(name, do, **how)

    def signal(self, name: str, number: signal.Signals) -> list[int]:
        """A signal to a program and all its children; whom it reached."""
        pids = [pid] if (pid := self.pids().get(name)) else []
        reached = [*pids, *(child for pid in pids for child in children_of(pid))]
        for pid in reached:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        return reached

    async def start_replica(self, service: str, replica: str) -> str:
        """Another process of a service; its address."""
        port = self._ports.take()
        here = {"REPLICA_ID": replica, "SERVICE_PORT": str(port)}
        await self._supervisor.start(
            Program(
                name=f"{service}-{replica}",
                argv=[sys.executable, "-m", "shared.runtime.serve", service],
                environment=self.environment(service) | here,
                folder=CHECKOUT,
            )
        )
        return f"http://127.0.0.1:{port}"

    async def end(self, name: str, grace: float = 12.0) -> None:
        """End a program for good."""
        await self._supervisor.stop(name, grace=grace)

    async def start_anew(self, service: str) -> None:
        """End a service, start it in the environment as it is now."""
        await self.end(service)
        await self.start_services([service])

    @asynccontextmanager
    async def sql(self, service: str) -> AsyncIterator[Any]:
        """A service's database as the superuser, past our line; waits until it answers."""
        connection = await patiently(lambda: asyncpg.connect(database_of(self.admin_url, service), timeout=3))
        try:
            yield connection
        finally:
            with suppress(Exception):
                await connection.close(timeout=2)


async def patiently(work: Any, seconds: float = 60.0) -> Any:
    """The result of something that may have to wait for others' faults to heal."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await work()
            except (OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InterfaceError):
                await asyncio.sleep(0.5)


def children_of(pid: int) -> Sequence[int]:
    """Processes whose parent it is: a PostgreSQL's backends lead groups of their own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found
