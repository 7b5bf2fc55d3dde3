"""Schedule: one seed run to its end and checked; when it breaks something, its story in readable lines."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NamedTuple

import structlog

from shared.contracts.envelope import Fact
from tests.simulation import goods_back, holdings, outcomes, protocol
from tests.simulation.parts import REAL, Parts
from tests.simulation.world import Restless, World

CHECKS = (*protocol.CHECKS, *outcomes.CHECKS, *holdings.CHECKS, *goods_back.CHECKS)
LAST = 200
"""Lines of a journal that are shown, unless all are asked for."""


class Verdict(NamedTuple):
    """What one seed came to."""

    seed: int
    breaches: list[str]
    journal: list[str]
    steps: int

    def shown(self, lines: int = LAST, mutant: str = "") -> str:
        """For people: what is wrong, and how it came to that."""
        head = [f"seed {self.seed}: {breach}" for breach in self.breaches]
        cut = self.journal[-lines:]
        left_out = (
            [f"  ... {len(self.journal) - len(cut)} lines before"] if len(self.journal) > len(cut) else []
        )
        return "\n".join([*head, "", *left_out, *cut, "", again(self.seed, mutant)])


def again(seed: int, mutant: str = "") -> str:
    """How to see it again."""
    planted = f" MUTANT={mutant}" if mutant else ""
    return f"again, with every line: make simulate SEED={seed} RUNS=1{planted}"


def simulate(seed: int, parts: Parts = REAL) -> Verdict:
    """Run one schedule: until it is quiet, then until every deadline has run; what is wrong at either time."""
    world = World(seed, parts)
    breaches: list[str] = []
    try:
        world.run()
        breaches += checked(world)
        if not breaches:
            world.wait_out()
            breaches += checked(world)
    except Restless as restless:
        breaches.append(str(restless))
    breaches += world.loop.errors
    return Verdict(seed, breaches, list(told(world)), world.loop.steps) if breaches else _quiet(world)


def _quiet(world: World) -> Verdict:
    return Verdict(world.seed, [], [], world.loop.steps)


def checked(world: World) -> list[str]:
    """What the checks say."""
    return [f"{check.__name__}: {sentence}" for check in CHECKS for sentence in check(world)]


def told(world: World) -> Iterator[str]:
    """The journal, a line a step that matters."""
    yield f"odds {asdict(world.hazards.odds)}"
    yield f"{world.count} orders; replicas { {name: len(each) for name, each in world.replicas.items()} }"
    for moment, who, what, about in world.hazards.journal:
        yield f"{moment:12.3f}  {who:14} {what:12} {' '.join(map(_named, about))}".rstrip()


def _named(thing: Any) -> str:
    if isinstance(thing, Fact):
        cause = f"{thing.cause.source} {thing.cause.seq}"
        return (
            f"{short(thing.subject)}/{thing.seq} {thing.type} of version {thing.version}, caused by {cause}"
        )
    return short(str(thing)) if len(str(thing)) == 36 else str(thing)[:140]


def short(subject: str) -> str:
    """The end of an id: its order's number, and four digits."""
    return f"D{subject[-8:].lstrip('0')}"


@contextmanager
def quietly() -> Iterator[None]:
    """Without log lines; the collector rests between schedules, whose waste is one heap each."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        structlog.configure(**before)


def search(
    seeds: Sequence[int], seconds: float, parts: Parts = REAL, *, enough: int = 20
) -> tuple[int, list[Verdict]]:
    """Run seeds until time is up or enough are broken; how many were run, and those that broke something."""
    end, broken, count = time.monotonic() + seconds, [], 0
    with quietly():
        for count, seed in enumerate(seeds, start=1):
            verdict = simulate(seed, parts)
            if verdict.breaches:
                broken.append(verdict)
            if count % 50 == 0:
                gc.collect()
            if time.monotonic() > end or len(broken) >= enough:
                break
    return count, broken
