"""Hazards: what may go wrong in one schedule, and how likely; drawn from its seed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from shared.contracts import codec
from tests.simulation.loop import OUTSIDE, PROCESS, Process, SeededLoop, Turn

Handler = Callable[..., Awaitable[list[Any]]]
MOMENTS = ("commit", "committed", "said", "offset", "offset written")
"""Between these a crash tells most."""


class Poisoned(ValueError):
    """A handler was made to fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How likely each hazard is, at each of its moments."""

    turn: float
    """Another runs between two statements."""
    crash: float
    """At any statement."""
    crash_there: float
    """Between commit, saying and offset."""
    broken: float
    """A connection fails: before or after what it was to do."""
    twice: float
    lazy: float
    """Offsets are not written yet."""
    zombie: float
    """At any statement: the process stands still, and its partitions move on without it."""
    rewind: float
    """A partition is read again from a little before."""
    moved: float
    """What a replica has just read is another's at once, who reads it too."""
    slow: float
    """What a consumer says is long under way; what the relay says meanwhile overtakes it."""


CALM = Odds(turn=0.2, crash=0, crash_there=0, broken=0, twice=0, lazy=0, zombie=0, rewind=0, moved=0, slow=0)
LEVELS: Mapping[str, tuple[float, ...]] = {
    "crash": (0, 0, 0.002, 0.01),
    "crash_there": (0, 0.02, 0.1),
    "broken": (0, 0, 0.01, 0.05),
    "twice": (0, 0.05, 0.2),
    "lazy": (0, 0.3, 0.8),
    "zombie": (0, 0, 0.005, 0.03),
    "rewind": (0, 0.1, 0.3),
    "moved": (0, 0.1, 0.5),
    "slow": (0, 0, 0.1, 0.5),
}
"""What the odds of each are drawn from, the highest last."""
ALONE = 0.4


def draw_odds(random: Random) -> Odds:
    """Mostly calm in most ways: a fault at every step hides what one fault does. So some come alone, and often."""
    calm = replace(CALM, turn=random.choice((0.2, 0.5, 1.0)))
    if random.random() < ALONE:
        hazard = random.choice(list(LEVELS))
        return replace(calm, **{hazard: LEVELS[hazard][-1]})
    return replace(calm, **{hazard: random.choice(levels) for hazard, levels in LEVELS.items()})


@dataclass(slots=True)
class Hazards:
    """The dice of one schedule, and its journal."""

    random: Random
    loop: SeededLoop
    odds: Odds
    journal: list[tuple[float, str, str, tuple[Any, ...]]] = field(default_factory=list)
    on_crash: Callable[[Process], None] = lambda _process: None
    on_zombie: Callable[[Process], None] = lambda _process: None
    parked_without_cause: list[str] = field(default_factory=list)
    """What was held as poison, and nobody had poisoned it."""
    poison: set[tuple[str, str, str]] = field(default_factory=set)
    """Service, type and subject of events that break their handler, as long as they are here."""

    handled: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    """What has met its handler, in transactions that were kept: service and event."""

    heard: dict[tuple[str, str, int], tuple[Mapping[str, int], Mapping[str, int]]] = field(
        default_factory=dict
    )
    """By fact: how far its service had heard each source before its transaction, and after it."""

    def note(self, what: str, *about: Any) -> None:
        """A line of the journal."""
        self.journal.append((self.loop.time(), PROCESS.get().name, what, about))

    def strikes(self, hazard: str) -> bool:
        """Whether a hazard comes now."""
        odds: float = getattr(self.odds, hazard)
        return self.random.random() < odds

    async def pause(self, what: str) -> None:
        """Between two steps: the process may end here, or another may run."""
        process = PROCESS.get()
        if process is not OUTSIDE:
            if self._ends(process, what):
                self.crash(process, what)
            elif self.odds.zombie and self.strikes("zombie"):
                self.on_zombie(process)
                await Turn()
        if process.is_dead or self.strikes("turn"):
            await Turn()
        if what in ("commit", "committed"):
            self.break_line("the commit fails" if what == "commit" else "the reply to the commit is lost")

    def _ends(self, process: Process, what: str) -> bool:
        chance = self.odds.crash_there if what in MOMENTS else self.odds.crash
        is_due = process.is_doomed and what == "committed"
        return is_due or (chance > 0 and self.random.random() < chance)

    def crash(self, process: Process, where: str) -> None:
        """A process ends."""
        if not process.is_dead:
            self.note("CRASH", process.name, where)
            process.kill()
            self.on_crash(process)

    def break_line(self, why: str) -> None:
        """A connection fails."""
        if PROCESS.get() is not OUTSIDE and self.strikes("broken"):
            self.note("BROKEN", why)
            raise ConnectionResetError(why)

    async def hold_back(self) -> None:
        """A saying of a consumer's is long under way."""
        if self.strikes("slow"):
            self.note("HELD BACK")
            await asyncio.sleep(self.random.choice((0.05, 0.5, 3.0)))

    def poisoned(
        self, service: str, subscriptions: Mapping[type[Any], Handler], reads: codec.Reads
    ) -> dict[type[Any], Handler]:
        """The same handlers, which fail on poison."""
        names = {reads.get(kind, kind): kind.__name__ for kind in subscriptions}
        wrapped = {each: self._fails_on_poison(service, each, names) for each in subscriptions.values()}
        return {kind: wrapped[handler] for kind, handler in subscriptions.items()}

    def _fails_on_poison(self, service: str, handler: Handler, names: Mapping[type[Any], str]) -> Handler:
        async def handle(batch: Sequence[Any], store: Any, now: datetime) -> list[Any]:
            for event in batch:
                if (service, names[type(event)], event.subject) in self.poison:
                    raise Poisoned(f"{names[type(event)]} of {event.subject} breaks its handler")
            made = await handler(batch, store, now)
            bodies = [(service, codec.encode(event)) for event in batch]
            store.connection.at_commit.append(lambda: self.handled.update(bodies))
            return made

        return handle

    def rewound(self, offset: int) -> int:
        """Where reading goes on."""
        return max(0, offset - self.random.randrange(1, 4)) if self.strikes("rewind") else offset
