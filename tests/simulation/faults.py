"""Faults: what befalls a schedule from outside, at moments drawn from its seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from shared.runtime.bus import Written
from tests.simulation.loop import OUTSIDE
from tests.simulation.officers import Operator

if TYPE_CHECKING:
    from tests.simulation.world import World

Fault = Callable[["World"], None]


def kill(world: World) -> None:
    """A replica is killed between any two steps."""
    replica = world.random.choice(world.replicas[_a_service(world)])
    world.hazards.crash(replica.process, "killed")


def kill_all(world: World) -> None:
    """All replicas of a service at once."""
    for replica in world.replicas[_a_service(world)]:
        world.hazards.crash(replica.process, "killed with its twin")


def rebalance(world: World) -> None:
    """Partitions move while their owners work on: zombies."""
    service = _a_service(world)
    world.hazards.note("REBALANCE", service)
    world.broker.deal(service)


def freeze(world: World) -> None:
    """A replica stands still for a while; its partitions may move meanwhile."""
    service = _a_service(world)
    replica = world.random.choice(world.replicas[service])
    steps = world.random.choice((30, 100, 300))
    world.hazards.note("FROZEN", replica.process.name, steps)
    replica.process.frozen_until = world.loop.steps + steps
    if world.random.random() < 0.5:
        rebalance_of(world, service)


def rebalance_of(world: World, service: str) -> None:
    """The partitions of one service move."""
    world.hazards.note("REBALANCE", service)
    world.broker.deal(service)


def doom(world: World) -> None:
    """A replica is killed as soon as it has committed something."""
    replica = world.random.choice(world.replicas[_a_service(world)])
    world.hazards.note("DOOMED", replica.process.name)
    replica.process.is_doomed = True


def last_leap(world: World) -> None:
    """A service's next deadline comes, and who acts on it is killed as soon as it has committed something."""
    service = world.random.choice(("tax", "logistics"))
    database = world.databases[service]
    waits = [due_at - database.clock() for due_at, _ in database.tables["timers"].values()]
    if waits:
        world.hazards.note("TIME PASSES", f"to a deadline of {service}", min(waits))
        for replica in world.replicas[service]:
            replica.process.is_doomed = True
        world.loop.leap(max(0.0, min(waits).total_seconds()))


def leap(world: World) -> None:
    """Time passes, whoever is at work: minutes, a lease, a guarantor's term."""
    seconds = world.random.choice((2, 10, 1000, 16 * 86_400))
    world.hazards.note("TIME PASSES", f"{seconds} s")
    world.loop.leap(seconds)


def old_record(world: World) -> None:
    """A record comes once more at the end of its log, as of a producer that tried again long after."""
    if record := _a_record(world):
        _repeat(world, record, record.value or b"")


def garbled_record(world: World) -> None:
    """A copy comes whose body is cut."""
    if record := _a_record(world):
        _repeat(world, record, (record.value or b"")[: len(record.value or b"") // 2])


def poison(world: World) -> None:
    """A handler fails on one declaration's event, or all of them do on every one, until they are mended."""
    service = _a_service(world)
    kinds = sorted(kind.__name__ for kind in world.replicas[service][0].room.subscriptions)
    subjects = sorted({key[0] for key in world.databases["declaration"].tables["versions"]})
    if subjects:
        subject = world.random.choice(subjects)
        for kind in world.random.choice(([world.random.choice(kinds)], kinds)):
            world.hazards.note("POISON", service, kind, subject)
            world.hazards.poison.add((service, kind, subject))


def mend(world: World) -> None:
    """The handlers are mended, and what is parked is released."""
    world.hazards.poison.clear()
    world.loop.start(OUTSIDE, Operator(world).release_all())


def _a_service(world: World) -> str:
    return world.random.choice(list(world.databases))


def _a_record(world: World) -> Written | None:
    logs = [log for _, log in sorted(world.broker.logs.items()) if log]
    return world.random.choice(world.random.choice(logs)) if logs else None


def _repeat(world: World, record: Written, body: bytes) -> None:
    log = world.broker.logs[record.topic, record.partition]
    world.hazards.note("REPEATED", record.topic, record.partition, record.offset, f"{len(body)} bytes")
    if body != record.value or (record.topic, record.partition, record.offset) in world.garbled:
        world.garbled.add((record.topic, record.partition, len(log)))
    log.append(record._replace(offset=len(log), value=body))
    for group in world.broker.groups.values():
        group.wake()


FAULTS: tuple[Fault, ...] = (
    kill, kill, kill_all, rebalance, rebalance, freeze, doom, leap, last_leap, last_leap,
    old_record, garbled_record, poison, poison, mend,
)  # fmt: skip


def draw_faults(world: World, steps: int) -> list[tuple[int, Callable[[], None]]]:
    """What happens when, the last first."""
    random: Random = world.random
    drawn = [(random.randrange(steps), random.choice(FAULTS)) for _ in range(random.choice((0, 2, 5, 12)))]
    drawn.sort(key=lambda each: -each[0])
    return [(step, partial(fault, world)) for step, fault in drawn]
