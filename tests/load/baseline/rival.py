"""Rival: the baseline, started, driven and counted.

Beside the benchmark's own broker and database, on topics and in databases of its own; driven by the same parcels in
the same batches by the same generator; permits are counted in its database.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from cli.load.agenda import Agenda
from cli.load.ledger import Ledger
from cli.load.mix import Kinds
from cli.load.pace import Pace
from cli.load.plan import Filer, Plan
from cli.load.purse import Purse
from cli.load.sender import Sender
from cli.load.usage import between, cpu_seconds
from cli.load.wire import Place, Wire
from deploy.local.databases import Database, create_database, drop_database
from deploy.local.paths import CHECKOUT
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from deploy.local.supervisor import Program, Supervisor
from sandbox.importer import Run
from sandbox.parcels import Press, pool_of, stencils
from sandbox.real import read_orders
from shared.contracts.topics import PARTITIONS

SERVICES = ("declaration", "tax", "quarantine", "logistics", "clearance")
LONGEST_SOCKET_FOLDER = 85
READY, QUIET = 60.0, 20.0
PLATFORM = "PLATFORM01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One run of the rival."""

    accepted: int
    permits: int
    lost: int
    """Filings that should have had a permit and got none in time."""
    seconds: float
    """From the first filing to the last permit."""
    cpu_us: float
    """CPU microseconds a declaration of everything together, broker, database and generator included."""

    @property
    def permits_per_s(self) -> float:
        """Permits over the time to the last of them."""
        return self.permits / self.seconds


class NoPurse(Purse):
    """The rival asks for no tokens."""

    def __init__(self) -> None:
        self.turn = 1

    def authorization(self, client_id: str) -> str:  # noqa: ARG002 - whoever files
        """No line."""
        return ""


class Rival:
    """The five processes in one form, and what they stand on."""

    def __init__(self, stack: Stack, form: str, name: str) -> None:
        self._stack, self._form, self._name = stack, form, name
        self._supervisor = Supervisor(
            stack.root.logs, stack.root.path / f"{name}-pids.json", say=lambda _line: None
        )
        self._ports = Ports()
        self._port = self._ports.take(None)
        self._databases: dict[str, Database] = {}

    @property
    def url(self) -> str:
        """Its door."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._lay_topics()
        for service in SERVICES:
            self._databases[service] = await create_database(self._stack.admin_url, f"{self._name}_{service}")
        for service in SERVICES:
            await self._supervisor.start(self._program(service))
        await self._wait_ready()
        await self._pay_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._supervisor.stop()
        self._ports.close()
        for database in self._databases.values():
            await drop_database(self._stack.admin_url, database.name)

    async def race(self, pace: Pace, *, batch: int, connections: int, seed: int) -> Race:
        """File at a pace, wait for the last permit, count."""
        made = stencils(read_orders(), Run(seed=str(seed), now=datetime.now(UTC)), 400)
        press = Press(f"B{seed}{self._name[-4:]}", seed)
        plan = Plan(
            press, Kinds({"green": 1}, seed), [Filer(client_id="", pool=pool_of(made, PLATFORM))], batch
        )
        ledger, wire, loop = Ledger(), Wire(Place.of(self.url), connections), asyncio.get_running_loop()
        await wire.open()
        sender = Sender(wire, NoPurse(), plan, ledger, retries=False)
        connection = await asyncpg.connect(self._databases["clearance"].owner_url)
        before, first, held = self._spent(), await self._count(connection), await self._held()
        start = loop.time()
        await sender.run(Agenda(pace, batch, start))
        accepted = ledger.totals.accepted
        wanted = accepted - (await self._held() - held)
        permits, moved_at = await self._settle(connection, first, wanted)
        used = between(before, self._spent())
        await connection.close()
        wire.close()
        return Race(
            accepted=accepted,
            permits=permits,
            lost=wanted - permits,
            seconds=moved_at - start,
            cpu_us=sum(used.values()) / max(1, accepted) * 1e6,
        )

    async def _settle(self, connection: asyncpg.Connection, first: int, wanted: int) -> tuple[int, float]:
        """Until all have their permit; if none comes for long, something was lost, and the count says so."""
        loop = asyncio.get_running_loop()
        permits, moved_at = 0, loop.time()
        while permits < wanted and loop.time() - moved_at < QUIET:
            now = await self._count(connection) - first
            if now > permits:
                permits, moved_at = now, loop.time()
            await asyncio.sleep(0.1)
        return permits, moved_at

    async def _held(self) -> int:
        """Filings so far that the lot has drawn for an officer."""
        async with httpx.AsyncClient() as client:
            return int((await client.get(f"{self.url}/readyz")).json()["held"])

    @staticmethod
    async def _count(connection: asyncpg.Connection) -> int:
        return int(await connection.fetchval("select count(*) from permits"))

    def _spent(self) -> dict[str, float]:
        shared = {name: pid for name, pid in self._stack.pids().items() if name in ("kafka", "postgres")}
        return {**cpu_seconds({**shared, **self._supervisor.pids()}), "generator": time.process_time()}

    def _program(self, service: str) -> Program:
        database = self._databases[service]
        root, port = self._stack.root.path, urlsplit(database.url).port or 5432
        folder: Path | None = root if len(str(root)) <= LONGEST_SOCKET_FOLDER else None
        owner = replace(database, url=database.owner_url)  # which makes its tables itself
        url = owner.through(folder, port).url.replace("postgresql://", "postgresql+asyncpg://")
        return Program(
            name=f"baseline-{service}",
            argv=[sys.executable, "-m", "tests.load.baseline.serve", service],
            stop=signal.SIGKILL,  # nothing of it is kept; asked to end without a broker, it would try for ever
            environment={
                "DATABASE_URL": url,
                "KAFKA_BOOTSTRAP_SERVERS": self._stack.bootstrap,
                "KAFKA_COMPRESSION": self._stack.environment("tax").get("KAFKA_COMPRESSION", "none"),
                "BASELINE_PREFIX": f"{self._name}.",
                "BASELINE_FORM": self._form,
                "PORT": str(self._port),
            },
            folder=CHECKOUT,
        )

    async def _lay_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._stack.bootstrap)
        await admin.start()
        try:
            await admin.create_topics(
                [NewTopic(f"{self._name}.{service}.events", PARTITIONS, 1) for service in SERVICES]
            )
        finally:
            await admin.close()

    async def _wait_ready(self) -> None:
        """The door answers, every agency has made its tables, and their consumers have their partitions."""
        async with asyncio.timeout(READY), httpx.AsyncClient() as client:
            while not await self._answers(client):
                await asyncio.sleep(0.2)
            for service in SERVICES:
                await self._wait_for_tables(service)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.url}/readyz")).is_success
        except httpx.HTTPError:
            return False

    async def _wait_for_tables(self, service: str) -> None:
        connection = await asyncpg.connect(self._databases[service].owner_url)
        asked = "select count(*) from information_schema.tables where table_schema = 'public'"
        while not await connection.fetchval(asked):
            await asyncio.sleep(0.2)
        await connection.close()

    async def _pay_in(self) -> None:
        connection = await asyncpg.connect(self._databases["tax"].owner_url)
        await connection.executemany(
            "insert into accounts values ($1, 9000000000, 0, 0)", [(party,) for party in _guarantors()]
        )
        await connection.close()


def _guarantors() -> Sequence[str]:
    return ("PLATFORM01", "PLATFORM02", "SELLER0004")
