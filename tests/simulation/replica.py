"""Replica: one life of one service's process, made of the runtime's own parts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

from services.declaration.desk import Desk
from services.declaration.filing import Filing
from services.declaration.intake import Receipt
from shared.runtime.doors import Commands
from shared.runtime.filing import FirstSayer
from shared.runtime.intake import Intake
from shared.runtime.reviews import deciding
from tests.simulation.broker import Broker, ReplicaBus
from tests.simulation.hazards import Hazards
from tests.simulation.loop import Process
from tests.simulation.parts import Parts
from tests.simulation.rooms import ROOMS, Handler
from tests.support.memory_books import MemoryQueue
from tests.support.memory_database import MemoryDatabase
from tests.support.memory_waiting import Waits

T = TypeVar("T")
LONGEST_REST = 1.0
"""Seconds after which a loop looks again, woken or not."""


class Shelf:
    """Who waits for a row in which table of one database."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._sleepers: dict[str, list[asyncio.Future[None]]] = {}
        database.on_commit = self._wake

    def _wake(self, touched: set[str]) -> None:
        if "heads" in touched and self._database.tables["waiting"]:
            touched.add("waiting")
        for name in sorted(touched):
            for sleeper in self._sleepers.pop(name, ()):
                if not sleeper.done():
                    sleeper.set_result(None)

    async def rest(self, table: str) -> None:
        """Until there is something in a table that may be due; as the loops' own wake-ups and second looks do."""
        until = self._next_look(table)
        sleeper = asyncio.get_running_loop().create_future()
        self._sleepers.setdefault(table, []).append(sleeper)
        try:
            async with asyncio.timeout(until):
                await sleeper
        except TimeoutError:
            return

    def _next_look(self, table: str) -> float | None:
        rows = self._database.tables[table]
        if table == "timers" and rows:
            wait = min(due_at for due_at, _ in rows.values()) - self._database.clock()
            return max(float(wait / timedelta(seconds=1)), 0.0) + 0.001
        if table == "waiting":
            return LONGEST_REST if any(map(self._is_next, rows.values())) else None
        return LONGEST_REST if rows else None

    def _is_next(self, row: Waits) -> bool:
        message = row.message
        heard = self._database.tables["heads"][message.subject].heard[message.source]
        return row.state == "early" and message.seq <= heard + 1


class Replica:
    """A service's process: its loops beside its requests, over a database and a broker that outlive it."""

    def __init__(
        self,
        service: str,
        number: int,
        database: MemoryDatabase,
        broker: Broker,
        hazards: Hazards,
        parts: Parts,
    ) -> None:
        self.service, self.number, self.room = service, number, ROOMS[service]
        self.process = Process(f"{service}/{number}")
        self.database, self.books, self.hazards = database, parts.books(hazards), hazards
        self.bus = ReplicaBus(broker, service, number)
        self.work = parts.work(
            service=service,
            engine=database,
            store=self.room.store,
            subscriptions=hazards.poisoned(service, self.room.subscriptions, self.room.reads),
            reads=self.room.reads,
            books=self.books,
        )
        self.commands = Commands(self.work)
        self.decide: Handler = deciding(self.room.on_reviews_decided, MemoryQueue())
        self._parts = parts
        self._consumer = parts.consumer(self.bus, self.work, quorum=self.room.quorum)
        self._desk = self._open_desk() if service == "declaration" else None

    def _open_desk(self) -> Desk:
        store: Any = self.room.store
        desk: Any = Desk(store)
        sayer = FirstSayer(self.database, self.bus, "declaration", self.books)  # type: ignore[arg-type]
        desk._runtime = SimpleNamespace(filing=sayer.filing)
        desk._intake = Intake[Filing, Receipt](desk.store, limit=100)
        opened: Desk = desk
        return opened

    def start(self, shelf: Shelf) -> None:
        """Begin the loops that `Runtime` begins."""
        loop, parts = self.hazards.loop, self._parts
        steps: list[tuple[str, Callable[[], Awaitable[bool]]]] = [
            ("outbox", lambda: parts.say_pending(self.database, self.bus, self.service, self.books)),
            ("waiting", lambda: parts.drain(self.database, self.work)),
        ]
        if self.room.deadlines:
            steps.append(("timers", lambda: parts.run_due(self.work, self.room.deadlines)))
        for table, step in steps:
            loop.start(self.process, self._repeat(step, table, shelf))
        loop.start(self.process, self._repeat(self._consumer.step, "", shelf))

    async def _repeat(self, step: Callable[[], Awaitable[bool]], table: str, shelf: Shelf) -> None:
        while True:
            try:
                more = await step()
                if not more:
                    await shelf.rest(table)
            except Exception as error:  # noqa: BLE001 (as `Loop` does)
                self.hazards.note("tries again", table or "consumer", error)
                await asyncio.sleep(0.2)

    async def file(self, filings: Sequence[Filing]) -> Sequence[Any]:
        """What the door does with filings that every rule has passed."""
        if self._desk is None:
            raise ConnectionRefusedError(self.service)
        return await self._desk.intake.submit_many(filings)

    async def ask(self, act: Callable[[], Awaitable[T]]) -> T:
        """A request, run in this process; where the process dies, the line breaks."""
        if self.process.is_dead:
            raise ConnectionRefusedError(self.process.name)

        async def answer() -> T:
            return await act()

        task = self.hazards.loop.start(self.process, answer())
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task.add_done_callback(lambda _: None if answered.done() else answered.set_result(None))
        await answered
        if task.cancelled():
            raise ConnectionResetError(self.process.name)
        return task.result()
