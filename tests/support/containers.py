"""Containers for tests: the official images, where a container engine answers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from deploy.local import kafka
from deploy.local.databases import new_password, takes_connections
from deploy.local.ports import Ports

Say = Callable[[str], None]


class NoImageError(RuntimeError):
    """The engine answers, but has not got an image and cannot fetch it."""


class NoAnswerError(RuntimeError):
    """A container was started, and its server did not answer."""


class ContainerServers:
    """A broker and a database server in containers, each on a port of the loopback."""

    def __init__(self, say: Say) -> None:
        get = os.environ.get
        self._kafka = get("TEST_KAFKA_IMAGE") or "apache/kafka:4.1.0"
        self._postgres = get("TEST_POSTGRES_IMAGE") or "postgres:18"
        fetch(self._kafka, self._postgres, say=say)
        self._ports = Ports()
        self._running: list[DockerContainer] = []

    def start_kafka(self) -> str:
        port = self._ports.take()
        words = {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "KAFKA_LISTENERS": f"BROKER://:{port},CONTROLLER://:9093",
            "KAFKA_ADVERTISED_LISTENERS": f"BROKER://127.0.0.1:{port}",  # so it is for the broker itself too
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "KAFKA_INTER_BROKER_LISTENER_NAME": "BROKER",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        }
        self._start(self._kafka, (port, port), words, lambda: kafka.answers(port))
        return f"127.0.0.1:{port}"

    def start_postgres(self) -> str:
        port, password = self._ports.take(), new_password()
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        words = {"POSTGRES_PASSWORD": password, "POSTGRES_INITDB_ARGS": "--locale=C --encoding=UTF8"}
        self._start(self._postgres, (5432, port), words, lambda: takes_connections(url))
        return url

    def close(self) -> None:
        while self._running:
            self._running.pop().stop()
        self._ports.close()

    def _start(
        self, image: str, ports: tuple[int, int], words: dict[str, str], ask: Callable[[], Awaitable[bool]]
    ) -> None:
        inside, outside = ports
        container: Any = DockerContainer(image, env=words)
        container.ports = {f"{inside}/tcp": ("127.0.0.1", outside)}
        self._running.append(container)
        container.start()
        if not _answers_in_time(ask):
            said = b"\n".join(container.get_logs()).decode(errors="replace")
            raise NoAnswerError(f"{image} did not answer on 127.0.0.1:{outside}; it said: {said[-2000:]}")


def fetch(*images: str, say: Say) -> None:
    """Have the images, and that of the reaper, which ends containers whose test session was killed."""
    reaper = () if testcontainers_config.ryuk_disabled else (testcontainers_config.ryuk_image,)
    with closing(DockerClient().client) as engine:
        for name in (*images, *reaper):
            image = testcontainers_config.hub_image_name_prefix + name
            try:
                engine.images.get(image)
            except ImageNotFound:
                say(f"fetching the image {image} ...")
                _pull(engine, image)


def _pull(engine: Any, image: str) -> None:
    try:
        engine.images.pull(image)
    except (DockerException, OSError) as failure:
        raise NoImageError(_advice(image, failure)) from failure


def _advice(image: str, failure: Exception) -> str:
    return (
        f"the container engine has no image {image} and could not fetch it ({failure}). Bring it there, or name"
        " others in TEST_KAFKA_IMAGE and TEST_POSTGRES_IMAGE (TESTCONTAINERS_RYUK_DISABLED=true: no reaper),"
        " or set TEST_BACKENDS=embedded"
    )


def _answers_in_time(ask: Callable[[], Awaitable[bool]], timeout: float = 120) -> bool:
    """On a loop and a thread of its own: a fixture may be asked for from within a test's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _until(ask, timeout)).result()


async def _until(ask: Callable[[], Awaitable[bool]], timeout: float) -> bool:
    try:
        async with asyncio.timeout(timeout):
            while not await ask():
                await asyncio.sleep(0.1)
    except TimeoutError:
        return False
    return True
