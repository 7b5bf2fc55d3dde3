"""Containers for tests: the official images, where a container engine answers.

No engine answered on the machine where this was written: it has not run there.
"""

import os

from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from deploy.local.databases import new_password
from deploy.local.ports import Ports

KAFKA = os.environ.get("TEST_KAFKA_IMAGE", "apache/kafka:4.1.0")
POSTGRES = os.environ.get("TEST_POSTGRES_IMAGE", "postgres:18")


class ContainerServers:
    """A broker and a database server in containers, on ports of the loopback."""

    def __init__(self) -> None:
        self._ports = Ports()
        self._running: list[DockerContainer] = []

    def start_kafka(self) -> str:
        port = self._ports.take()
        words = {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        }
        self._start(KAFKA, 9092, port, words, "Kafka Server started")
        return f"127.0.0.1:{port}"

    def start_postgres(self) -> str:
        port, password = self._ports.take(), new_password()
        words = {"POSTGRES_PASSWORD": password, "POSTGRES_INITDB_ARGS": "--locale=C --encoding=UTF8"}
        self._start(
            POSTGRES, 5432, port, words, "(?s)ready to accept connections.*ready to accept connections"
        )
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"

    def close(self) -> None:
        for container in self._running:
            container.stop()
        self._ports.close()

    def _start(self, image: str, inside: int, outside: int, words: dict[str, str], started: str) -> None:
        container = DockerContainer(image).with_bind_ports(inside, outside)
        for name, value in words.items():
            container.with_env(name, value)
        self._running.append(container)
        container.start()
        wait_for_logs(container, started, timeout=120)
