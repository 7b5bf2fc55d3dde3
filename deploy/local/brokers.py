"""Brokers: one, or three of which any one may die.

Each is broker and controller at once. With three, every record lies on all of them and is acknowledged once two
have it: one may be killed, nothing acknowledged is lost, and filing goes on.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from deploy.local import kafka
from deploy.local.jars import class_path
from deploy.local.paths import Root, write_whole
from deploy.local.supervisor import Program

NAMES = ("kafka", "kafka-2", "kafka-3")
COUNTS = (1, 3)
MEBIBYTE = 2**20


class BrokersError(RuntimeError):
    """This number of brokers cannot be had here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brokers:
    """The brokers of one stack: names, ports, programs."""

    root: Root
    count: int
    ports: Mapping[str, int]
    """Of each broker by its name, of its controller by that name and `-controller`."""
    advertised: Mapping[str, int] = field(default_factory=dict)
    """Where clients are sent to instead, by name: for whoever puts something between."""

    @property
    def names(self) -> Sequence[str]:
        return NAMES[: self.count]

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{self._advertised(name)}" for name in self.names)

    @property
    def settings(self) -> dict[str, str]:
        """What a service is told of them, unless a person tells it otherwise: these can read what is packed so."""
        return {"KAFKA_TOPIC_REPLICATION": str(self.count), "KAFKA_COMPRESSION": "zstd"}

    async def programs(self, say: Callable[[str], None]) -> list[Program]:
        """What to run: jars fetched, settings written, storage formatted."""
        jars = await class_path(say)
        write_whole(self.root.path / "brokers", str(self.count))
        return list(await asyncio.gather(*(self._program(name, jars) for name in self.names)))

    async def wait_until_they_answer(self, timeout: float = 180.0) -> None:
        """Until each knows of all."""
        waits = (kafka.wait_until_it_answers(self.ports[name], self.count, timeout) for name in self.names)
        await asyncio.gather(*waits)

    async def _program(self, name: str, jars: str) -> Program:
        node = kafka.Node(
            name=name,
            data=self.root.path / name,
            settings=self.root.path / f"{name}.properties",
            heap_mib=heap_mib(self.count, memory_mib()),
        )
        kafka.write_settings(node.settings, self._words(name))
        return await kafka.program(node, jars)

    def _words(self, name: str) -> dict[str, str]:
        voters = ",".join(
            f"{number}@127.0.0.1:{self.ports[controller_of(each)]}"
            for number, each in enumerate(self.names, start=1)
        )
        return {
            "NODE": str(NAMES.index(name) + 1),
            "VOTERS": voters,
            "BROKER_PORT": str(self.ports[name]),
            "ADVERTISED_PORT": str(self._advertised(name)),
            "CONTROLLER_PORT": str(self.ports[controller_of(name)]),
            "DATA": str(self.root.path / name),
            "COPIES": str(self.count),
            "IN_SYNC": str(min(2, self.count)),
        }

    def _advertised(self, name: str) -> int:
        return self.advertised.get(name, self.ports[name])


def controller_of(name: str) -> str:
    """The name that its controller's port is kept under."""
    return f"{name}-controller"


def port_names(count: int) -> list[str]:
    """The ports that so many brokers need."""
    return [port for name in NAMES[:count] for port in (name, controller_of(name))]


def count_of(root: Root, wanted: int | None) -> int:
    """How many brokers to run: as wanted, else as last time, else one. Data of one are not data of three."""
    has_data = (root.path / NAMES[0] / "meta.properties").exists()
    last = kept(root)
    count = wanted or (last if has_data else 1)
    refuse_impossible(count)
    if has_data and count != last:
        raise BrokersError(
            f"the data in {root.path} are of {last} broker{'s' if last > 1 else ''}, not of {count}. "
            f"Keep to that number, or stop the window and run `./sw rebuild-topics --brokers {count}`"
        )
    return count


def kept(root: Root) -> int:
    """How many brokers there were last time; where no file says it whole, as their data say."""
    with suppress(OSError, ValueError):
        return int((root.path / "brokers").read_text())
    return len(NAMES) if any((root.path / name).exists() for name in NAMES[1:]) else 1


def refuse_impossible(count: int) -> None:
    """Two would stop at the first death, and more than three are of no use on one machine."""
    if count not in COUNTS:
        raise BrokersError(f"{count} brokers: one or three can be run here")


def forget(root: Root) -> None:
    """Throw the brokers' data away: all of it can be said again."""
    for name in NAMES:
        data = root.path / name
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(kafka.scratch_of(data), ignore_errors=True)
    (root.path / "brokers").unlink(missing_ok=True)


def heap_mib(count: int, memory: int) -> int:
    """Heap of one broker in MiB: 512 for a single one; three share a tenth of the machine's memory, 192 at least."""
    return 512 if count == 1 else max(192, min(384, memory // 10 // count))


def memory_mib() -> int:
    """The machine's memory in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEBIBYTE
