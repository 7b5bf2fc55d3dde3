"""Broker: eight partitions a topic, groups, and all that a broker and its clients may do to a delivery."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from shared.contracts.envelope import Fact
from shared.contracts.topics import PARTITIONS, topic_of
from shared.runtime.bus import Ends, Place, Record, Written, headers_of, partition_of
from tests.simulation.hazards import Hazards
from tests.simulation.loop import PROCESS, Turn

QUIET = 0.5
"""Seconds after which a poll without news comes back empty."""
QUIET_POLLS = 3
"""Empty polls in a row, from which on nobody here rests for anything."""


@dataclass(slots=True)
class Group:
    """The readers of one service: who has which partition, and how far each is committed."""

    topics: tuple[str, ...]
    members: int
    owners: list[int] = field(default_factory=list)
    """By partition; of all its topics at once, as the range assignor deals them."""
    generation: int = 0
    committed: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    reached: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    """The highest that was ever committed: a zombie may set it back, and then there are repeats."""
    sleepers: list[asyncio.Future[None]] = field(default_factory=list)

    def wake(self) -> None:
        """There may be something to read."""
        for sleeper in self.sleepers:
            if not sleeper.done():
                sleeper.set_result(None)
        self.sleepers.clear()


class Broker:
    """Topics and groups."""

    def __init__(self, random: Random, hazards: Hazards) -> None:
        self.random, self.hazards = random, hazards
        self.logs: dict[Place, list[Written]] = defaultdict(list)
        self.groups: dict[str, Group] = {}
        self.on_let_go: Callable[[str, Place, int], None] = lambda _service, _place, _first: None
        """A service's offset has moved on from where it was."""

    def join(self, service: str, sources: Sequence[str], members: int) -> None:
        """A service reads what some sources say."""
        owners = [self.random.randrange(members) for _ in range(PARTITIONS)]
        self.groups[service] = Group(tuple(topic_of(source) for source in sources), members, owners)

    def deal(self, service: str, without: int | None = None) -> None:
        """A rebalance: some partitions move, each perhaps while its owner is at work on what it brought.

        Without a member that stands still, all of its partitions do.
        """
        group = self.groups[service]
        group.generation += 1
        for partition in range(PARTITIONS):
            if group.owners[partition] == without:
                group.owners[partition] = (group.owners[partition] + 1) % group.members
            elif without is None and self.random.random() < 0.5:
                group.owners[partition] = self.random.randrange(group.members)
        group.wake()

    def append(self, topic: str, fact: Fact, partition: int | None, body: bytes | None = None) -> None:
        """One record."""
        place = (topic, partition_of(fact.subject) if partition is None else partition)
        log = self.logs[place]
        log.append(
            Written(
                *place, len(log), fact.subject.encode(), fact.body if body is None else body, headers_of(fact)
            )
        )
        for group in self.groups.values():
            if topic in group.topics:
                group.wake()

    def lag(self) -> int:
        """Records that some group has never been done with."""
        return sum(
            len(log) - group.reached[place]
            for group in self.groups.values()
            for place, log in self.logs.items()
            if place[0] in group.topics
        )


class ReplicaBus:
    """The bus of one replica's life: `Bus` as the runtime knows it."""

    def __init__(self, broker: Broker, service: str, member: int) -> None:
        self._broker, self._random, self._hazards = broker, broker.random, broker.hazards
        self._service, self._group, self._member = service, broker.groups[service], member
        self._positions: dict[Place, int] = {}
        self._done: dict[Place, int] = {}
        self._generation = -1
        self._quiet_polls = QUIET_POLLS

    async def poll(self) -> list[Record]:
        """Some of what is new: of some partitions, in any order of partitions, in order within each."""
        while True:
            await self._hazards.pause("poll")
            self._take_assignment()
            if places := self._places_with_news():
                self._quiet_polls = 0
                records = self._fetch(places)
                await self._lose_it()
                return records
            self._write_offsets()
            if not await self._is_told(QUIET if self._quiet_polls < QUIET_POLLS else None):
                self._quiet_polls += 1
                return []

    async def _is_told(self, within: float | None) -> bool:
        """Wait until there may be something to read, at most for a while."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._group.sleepers.append(sleeper)
        try:
            async with asyncio.timeout(within):
                await sleeper
        except TimeoutError:
            return False
        return True

    async def _lose_it(self) -> None:
        """What it has just read may be another's at once; and it may die over it."""
        if self._hazards.strikes("moved"):
            self._hazards.note("REBALANCE", "under what was read")
            self._broker.deal(self._service, without=self._member)
            PROCESS.get().is_doomed = self._random.random() < 0.5
            for _ in range(self._random.choice((0, 2, 5))):
                await Turn()

    def _take_assignment(self) -> None:
        if self._generation != self._group.generation:
            self._generation = self._group.generation
            self._positions.clear()

    def _places_with_news(self) -> list[Place]:
        mine = [partition for partition, owner in enumerate(self._group.owners) if owner == self._member]
        places = [(topic, partition) for topic in self._group.topics for partition in mine]
        return [place for place in places if self._position(place) < len(self._broker.logs[place])]

    def _position(self, place: Place) -> int:
        return self._positions.setdefault(place, self._group.committed[place])

    def _fetch(self, places: list[Place]) -> list[Record]:
        self._random.shuffle(places)
        records: list[Record] = []
        for place in places[: self._random.choice((1, 2, 8, 8))]:
            start = self._hazards.rewound(self._position(place))
            batch = self._broker.logs[place][start : start + self._random.choice((1, 2, 4, 20))]
            self._positions[place] = start + len(batch)
            records += batch
        return records

    async def say(self, facts: Sequence[tuple[Fact, int | None]]) -> None:
        """One after the other; each may be lost, told twice, or told without its acknowledgement."""
        if any(partition is not None for _, partition in facts):
            await self._hazards.hold_back()
        for fact, partition in facts:
            await self._hazards.pause("say")
            self._hazards.break_line("the record is lost")
            self._broker.append(topic_of(fact.source), fact, partition)
            self._hazards.note("said", fact)
            if self._hazards.strikes("twice"):
                self._broker.append(topic_of(fact.source), fact, partition)
            self._hazards.break_line("the acknowledgement is lost")
        await self._hazards.pause("said")

    async def commit(self, ends: Ends) -> None:
        """Note how far it is; written now, or with a later batch, or never."""
        await self._hazards.pause("offset")
        for place, end in ends.items():
            self._done[place] = max(self._done.get(place, 0), end)
        if not self._hazards.strikes("lazy"):
            self._write_offsets()
            await self._hazards.pause("offset written")

    def _write_offsets(self) -> None:
        done, self._done = self._done, {}
        for place, offset in done.items():
            if self._group.owners[place[1]] == self._member:
                before, self._group.committed[place] = self._group.committed[place], offset
                self._group.reached[place] = max(offset, self._group.reached[place])
                self._hazards.note("offset", *place, offset)
                self._broker.on_let_go(self._service, place, before)
