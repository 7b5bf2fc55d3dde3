"""Memory database: transactions, row locks and crashes, in dicts.

As PostgreSQL at read committed: a statement sees what is committed and what its own transaction wrote; a row is held
from its first writing or locking until the end; what does not commit never was. Between any two statements
`pause` is called: there a simulation lets others run, or ends the process.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from tests.support.builders import NOW

K = TypeVar("K")
V = TypeVar("V")
Row = tuple[str, Hashable]
"""Table and key: what is locked."""

LOCK_TIMEOUT = 3.0
_GONE: Any = object()


class Duplicate(ValueError):
    """A key is there already: a conflict that the code did not expect."""


class Held(RuntimeError):
    """Another transaction has written or locked this row: wait for it, then do the statement again."""

    def __init__(self, row: Row) -> None:
        super().__init__(row)
        self.row = row


async def _at_once(_what: str) -> None:
    """Nothing happens between statements."""


class MemoryDatabase:
    """The tables of one service, and who holds which row."""

    def __init__(
        self,
        clock: Callable[[], datetime] = lambda: NOW,
        pause: Callable[[str], Awaitable[None]] = _at_once,
    ) -> None:
        self.clock, self.pause = clock, pause
        self.tables: dict[str, dict[Any, Any]] = defaultdict(dict)
        self.sequences: dict[str, int] = defaultdict(int)
        """Never rolled back."""
        self.holders: dict[Row, MemoryConnection] = {}
        self.queues: dict[Row, list[asyncio.Future[None]]] = {}
        self.on_commit: Callable[[set[str]], None] = lambda _touched: None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[MemoryConnection]:
        """A transaction: kept at the end, forgotten if anything is raised."""
        connection = MemoryConnection(self)
        try:
            yield connection
            await self.pause("commit")
            touched = connection.keep()
        finally:
            connection.release()
        if touched:
            self.on_commit(touched)
            await self.pause("committed")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[MemoryConnection]:
        """A look that changes nothing."""
        connection = MemoryConnection(self)
        try:
            yield connection
        finally:
            connection.release()


class MemoryConnection:
    """One transaction."""

    def __init__(self, database: MemoryDatabase) -> None:
        self.database, self.now = database, database.clock()
        self._tables: dict[str, Rows[Any, Any]] = {}
        self._held: list[Row] = []
        self.at_commit: list[Callable[[], None]] = []

    def table(self, name: str) -> Rows[Any, Any]:
        """A table, as this transaction sees it."""
        if name not in self._tables:
            self._tables[name] = Rows(self, name, self.database.tables[name])
        return self._tables[name]

    async def pause(self, what: str) -> None:
        """Between two statements."""
        await self.database.pause(what)

    def take(self, row: Row) -> bool:
        """Hold a row, if nobody else does."""
        holder = self.database.holders.setdefault(row, self)
        if holder is not self:
            return False
        if row not in self._held:
            self._held.append(row)
        return True

    async def lock(self, *rows: Row) -> None:
        """Hold rows, in the order given, waiting for each; a dead-lock ends as a time-out."""
        for row in rows:
            while not self.take(row):
                waiter = asyncio.get_running_loop().create_future()
                self.database.queues.setdefault(row, []).append(waiter)
                async with asyncio.timeout(LOCK_TIMEOUT):
                    await waiter

    async def statement(self, act: Callable[[], Awaitable[V]]) -> V:
        """Do something to the tables at once; where another holds a row of it, wait, and do it anew."""
        while True:
            before = {name: dict(rows.written) for name, rows in self._tables.items()}
            try:
                return await act()
            except Held as held:
                for name, rows in self._tables.items():
                    rows.written = before.get(name, {})
                await self.lock(held.row)

    def keep(self) -> set[str]:
        """Commit; the names of the tables that changed."""
        touched = {name for name, rows in self._tables.items() if rows.keep()}
        for act in self.at_commit:
            act()
        return touched

    def release(self) -> None:
        """Let all rows go, and wake who waits for them."""
        for row in self._held:
            del self.database.holders[row]
            for waiter in self.database.queues.pop(row, ()):
                if not waiter.done():
                    waiter.set_result(None)
        self._held.clear()


class Rows(MutableMapping[K, V]):
    """One table as a transaction sees it: what is committed, and over it what it wrote itself."""

    __slots__ = ("_committed", "_connection", "_name", "written")

    def __init__(self, connection: MemoryConnection, name: str, committed: dict[K, V]) -> None:
        self._connection, self._name, self._committed = connection, name, committed
        self.written: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        found = self.written[key] if key in self.written else self._committed[key]
        if found is _GONE:
            raise KeyError(key)
        return found

    def __setitem__(self, key: K, value: V) -> None:
        self._hold(key)
        self.written[key] = value

    def __delitem__(self, key: K) -> None:
        self[key]
        self._hold(key)
        self.written[key] = _GONE

    def __iter__(self) -> Iterator[K]:
        for key in list(self._committed):
            if self.written.get(key) is not _GONE:
                yield key
        for key in list(self.written):
            if key not in self._committed and self.written.get(key, _GONE) is not _GONE:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __ior__(self, others: Any) -> Rows[K, V]:
        self.update(others)
        return self

    def insert(self, key: K, value: V) -> None:
        """A row whose key must be new."""
        if key in self:
            raise Duplicate(f"{self._name} has {key!r} already")
        self[key] = value

    def setdefault(self, key: K, default: Any = None) -> V:
        """Insert if missing, and hold the row either way: how rows are locked that may not be there yet."""
        self._hold(key)
        if key not in self:
            self[key] = default
        return self[key]

    def _hold(self, key: K) -> None:
        if not self._connection.take((self._name, key)):
            raise Held((self._name, key))

    def keep(self) -> bool:
        """Commit; whether there was anything."""
        for key, value in self.written.items():
            if value is _GONE:
                self._committed.pop(key, None)
            else:
                self._committed[key] = value
        return bool(self.written)
