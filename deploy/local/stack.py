"""The stack: Kafka, PostgreSQL, the services and the gateway, as one thing that starts and stops."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from deploy.local import gateway
from deploy.local.brokers import COUNTS, Brokers, count_of, port_names, refuse_impossible
from deploy.local.environment import Addresses, environment_of, refuse_ours, refuse_unread, whole
from deploy.local.paths import CHECKOUT, Root
from deploy.local.ports import HIGHEST_PORT, Ports
from deploy.local.postgres import Postgres
from deploy.local.supervisor import GRACE, Program, Supervisor
from deploy.local.wal import keep_out_of_memory
from deploy.local.web import status

ALL = ("registry", "portal", "declaration", "tax", "quarantine", "logistics", "clearance")
GATEWAY_PORT = 8080


class NotReadyError(RuntimeError):
    """The services did not become ready in time."""


class Stack:
    """One platform on one machine. What is somebody else's (external Kafka, external databases) is not started."""

    def __init__(  # noqa: PLR0913 - a stack has these choices
        self,
        root: Path,
        *,
        services: Sequence[str] = ALL,
        gateway_port: int | None = None,
        brokers: int | None = None,
        environment: Mapping[str, str] | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        self.root = Root(root.resolve())
        self.root.refuse_odd()
        self.services = tuple(services)
        self._outside = dict(os.environ if environment is None else environment)
        refuse_ours(self._outside, ALL)
        refuse_unread(self._outside)
        self._wanted_port = gateway_port or whole(self._outside, "GATEWAY_PORT", HIGHEST_PORT)
        self.wanted_brokers = brokers or whole(self._outside, "SW_BROKERS", max(COUNTS))
        refuse_impossible(self.wanted_brokers or min(COUNTS))
        self._say = say
        self._ports = Ports()
        self._lock: IO[str] | None = None
        self._supervisor = Supervisor(self.root.logs, self.root.pids, say)
        self._numbers: dict[str, int] = {}
        self._broker_count = 1
        self._forgetting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.root.create()
        self._lock = self.root.lock()
        try:
            if self.services:
                self.root.refuse_half_made()
            self._broker_count = count_of(self.root, self.wanted_brokers)
        except BaseException:
            self._lock.close()
            raise
        self._take_ports()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def bootstrap(self) -> str:
        return self._foreign_kafka or self.brokers.bootstrap

    @property
    def _foreign_kafka(self) -> str:
        return self._outside.get("KAFKA_BOOTSTRAP_SERVERS", "")

    @property
    def brokers(self) -> Brokers:
        """The embedded brokers."""
        return Brokers(root=self.root, count=self._broker_count, ports=self._numbers)

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self._numbers['gateway']}"

    @property
    def admin_url(self) -> str:
        """The embedded server's superuser; for tests and for people."""
        return self.postgres.admin_url

    def database_url(self, service: str) -> str:
        return self._external(service) or self.postgres.database(service).url

    def owner_url(self, service: str) -> str:
        given = self._outside.get(f"MIGRATION_DATABASE_URL_{service.upper()}")
        return given or self._external(service) or self.postgres.database(service).owner_url

    def service_url(self, service: str) -> str:
        """The service's own address, past the gateway."""
        return f"http://127.0.0.1:{self._numbers[service]}"

    def environment(self, service: str) -> dict[str, str]:
        addresses = Addresses(
            bootstrap=self.bootstrap,
            database_url=self.database_url(service),
            owner_url=self.owner_url(service),
            gateway_url=self.gateway_url,
            service_urls={name: self.service_url(name) for name in ALL},
            secrets=self.root.secrets,
        )
        return {
            **({} if self._foreign_kafka else self.brokers.settings),
            **environment_of(self._numbers[service], addresses, self._outside),
        }

    def pids(self) -> dict[str, int]:
        return self._supervisor.pids()

    async def start(self, timeout: float = 180.0) -> None:
        """Everything at once: services look for their broker until it is there."""
        await _together(self.start_kafka(), self._start_postgres_then_services(), self.start_gateway())
        await self.wait_ready(timeout)

    async def start_infrastructure(self) -> None:
        await _together(self.start_kafka(), self.start_postgres())

    async def start_services(self, names: Sequence[str] | None = None) -> None:
        for name in self.services if names is None else names:
            await self._supervisor.start(self._service(name))

    async def stop_services(self, names: Sequence[str] | None = None) -> None:
        await self._supervisor.stop(*(self.services if names is None else names))

    async def start_gateway(self) -> None:
        upstreams = {name: f"127.0.0.1:{self._numbers[name]}" for name in ALL}
        configuration = gateway.render(self.root, self._numbers["gateway"], upstreams)
        await gateway.check(self.root, configuration)
        await self._supervisor.start(gateway.program(self.root, configuration))

    async def wait_for_infrastructure(self) -> None:
        """Until the embedded broker and database answer (again)."""
        if "kafka" in self.pids():
            await self.brokers.wait_until_they_answer()
        if "postgres" in self.pids():
            await self.postgres.wait_until_it_answers()

    async def restart(self, name: str) -> None:
        await self._supervisor.restart(name)

    def kill(self, name: str, rest: float = 0.0) -> None:
        """kill -9; the supervisor starts it again, after a rest if one is named."""
        self._supervisor.kill(name, rest)

    async def wait_ready(self, timeout: float = 60.0) -> None:
        waiting = set(self.services)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while waiting := await self._not_ready(waiting):
                    await asyncio.sleep(0.1)
        if waiting:
            names = ", ".join(sorted(waiting))
            raise NotReadyError(
                f"not ready within {timeout:g} s: {names}; their logs are in {self.root.logs}"
            )

    async def stop(self, grace: float = GRACE) -> None:
        """Services first, so that they can finish; then what they stand on. Who takes longer is killed."""
        await self._supervisor.stop("gateway", *self.services, grace=grace)
        await self._supervisor.stop(grace=grace)
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None
        self._ports.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def postgres(self) -> Postgres:
        """The embedded database server."""
        return Postgres(self.root, self._numbers["postgres"])

    def _external(self, service: str) -> str:
        return self._outside.get(f"DATABASE_URL_{service.upper()}", "")

    def _take_ports(self) -> None:
        """The ports of last time where they are still free: addresses stay what they were."""
        last: dict[str, int] = {}
        with suppress(OSError, ValueError):
            last = json.loads(self.root.ports.read_text())
        first_choice = self._wanted_port or last.get("gateway") or GATEWAY_PORT
        self._numbers["gateway"] = self._ports.take(first_choice)
        if self._wanted_port and self._numbers["gateway"] != self._wanted_port:
            self._say(f"port {self._wanted_port} is taken; the gateway is on {self._numbers['gateway']}")
        for name in (*port_names(self._broker_count), "postgres", *ALL):
            self._numbers[name] = self._ports.take(last.get(name))
        self.root.ports.write_text(json.dumps(self._numbers, indent=1))

    async def start_kafka(self) -> None:
        if self._foreign_kafka:
            return
        for program in await self.brokers.programs(self._say):
            await self._supervisor.start(program)
        await self.brokers.wait_until_they_answer()

    async def start_postgres(self) -> None:
        ours = [name for name in self.services if not self._external(name)]
        if ours or not self.services:
            await self._supervisor.start(await self.postgres.prepare())
            await self.postgres.wait_until_it_answers()
            self._forgetting = self._forgetting or asyncio.create_task(keep_out_of_memory(self.postgres.wal))
            await self.postgres.create_databases(ours)

    async def _start_postgres_then_services(self) -> None:
        await self.start_postgres()
        await self.start_services()

    async def _not_ready(self, names: set[str]) -> set[str]:
        asked = sorted(names)
        answers = await asyncio.gather(*(status(self._numbers[name], "/readyz") for name in asked))
        return {name for name, answer in zip(asked, answers, strict=True) if answer != HTTPStatus.OK}

    def _service(self, name: str) -> Program:
        return Program(
            name=name,
            argv=[sys.executable, "-m", "shared.runtime.serve", name],
            environment=self.environment(name),
            folder=CHECKOUT,
        )


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """All at once; the first failure ends the others and is raised as itself, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
