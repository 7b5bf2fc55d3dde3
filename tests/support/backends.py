"""Backends for tests: a real Kafka and a real PostgreSQL, started when first asked for, once a session.

Somebody else's, where TEST_KAFKA_BOOTSTRAP_SERVERS or TEST_DATABASE_URL (a superuser's) names them; containers, where
a container engine answers and has the images or can fetch them; else the embedded ones, in a folder of their own that
is removed afterwards. TEST_BACKENDS=containers or =embedded decides it by hand.
"""

import asyncio
import os
import secrets
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any, Protocol, TypeVar

import pytest

from deploy.local.databases import Database, create_database, drop_database
from deploy.local.paths import forget_abandoned, session_root
from deploy.local.stack import Stack

T = TypeVar("T")


class Servers(Protocol):
    """Whoever can start a broker and a database server, and end them."""

    def start_kafka(self) -> str: ...
    def start_postgres(self) -> str: ...
    def close(self) -> None: ...


class Backends:
    """What the tests stand on; nothing starts until its address is asked for."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._servers: Servers | None = None

    @cached_property
    def bootstrap(self) -> str:
        return os.environ.get("TEST_KAFKA_BOOTSTRAP_SERVERS") or self._started().start_kafka()

    @cached_property
    def admin_url(self) -> str:
        return os.environ.get("TEST_DATABASE_URL") or self._started().start_postgres()

    def close(self) -> None:
        if self._servers is not None:
            self._servers.close()

    def _started(self) -> Servers:
        if self._servers is None:
            self._servers = containers(self._say) or EmbeddedServers()
        return self._servers


class EmbeddedServers:
    """The embedded stack on a loop of its own, which outlives the loops of single tests."""

    def __init__(self) -> None:
        forget_abandoned()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="backends", daemon=True)
        self._thread.start()
        outside = {"PATH": os.environ.get("PATH", os.defpath)}
        self._stack = Stack(session_root(), services=(), environment=outside, say=lambda _line: None)
        self._do(self._stack.__aenter__())

    def start_kafka(self) -> str:
        self._do(self._stack.start_kafka())
        return self._stack.bootstrap

    def start_postgres(self) -> str:
        self._do(self._stack.start_postgres())
        return self._stack.admin_url

    def close(self) -> None:
        self._do(self._stack.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(session_root(), ignore_errors=True)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=180)


@asynccontextmanager
async def fresh_database(admin_url: str, service: str) -> AsyncIterator[Database]:
    """An empty database with its owner and its runtime role; gone afterwards."""
    database = await create_database(admin_url, f"{service}_{secrets.token_hex(4)}")
    try:
        yield database
    finally:
        await drop_database(admin_url, database.name)


def fresh_prefix() -> str:
    """Before every topic and group of one test (KAFKA_TOPIC_PREFIX), so that tests share a broker."""
    return f"t{secrets.token_hex(4)}."


def containers(say: Callable[[str], None]) -> Servers | None:
    """Servers in containers, where they are wanted and can be had; else none, and the reason is said."""
    if not wants_containers():
        return None
    from tests.support.containers import ContainerServers, NoImageError  # noqa: PLC0415 - slow to import

    try:
        return ContainerServers(say)
    except NoImageError as missing:
        if os.environ.get("TEST_BACKENDS") == "containers":
            pytest.exit(str(missing), returncode=pytest.ExitCode.USAGE_ERROR)
        say(f"{missing}. Until then: the embedded servers")
        return None


def wants_containers() -> bool:
    """Whether to start containers: as TEST_BACKENDS says, or else if a container engine answers."""
    said = os.environ.get("TEST_BACKENDS", "")
    return said == "containers" or (not said and engine_answers())


def engine_answers(deadline: float = 1.0) -> bool:
    """Whether a container engine answers a ping on its socket."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        return False  # an engine elsewhere would publish its ports elsewhere
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ping:
            ping.settimeout(deadline)
            ping.connect(address.removeprefix("unix://"))
            ping.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in ping.recv(64)
    except OSError:
        return False
