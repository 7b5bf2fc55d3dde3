"""Rooms: the real handlers of each service, over its memory store in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from inspect import iscoroutinefunction
from typing import Any

from services.clearance import handlers as clearance
from services.declaration import handlers as declaration
from services.logistics import handlers as logistics
from services.quarantine import handlers as quarantine
from services.tax import handlers as tax
from shared.contracts.codec import Reads
from shared.contracts.envelope import AnyEvent
from shared.contracts.topics import source_of
from shared.runtime.deadlines import Deadline
from tests.support.memory_books import set_deadlines
from tests.support.memory_clearance import MemoryCaseBook
from tests.support.memory_database import MemoryConnection
from tests.support.memory_declaration import MemoryDeclarations
from tests.support.memory_logistics import MemoryConsignments
from tests.support.memory_quarantine import MemoryQuarantine
from tests.support.memory_tax import MemoryTaxLedger

Handler = Callable[..., Awaitable[list[Any]]]
CARRIER = "CARRIER001"


class Statements:
    """A memory store in a transaction: each of its methods is one statement, and waits for rows that others hold."""

    def __init__(self, connection: MemoryConnection, store: Any, **tables: str) -> None:
        self.connection, self._store = connection, store
        for attribute, table in tables.items():
            setattr(store, attribute, connection.table(table))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not iscoroutinefunction(method):
            return method

        async def statement(*given: Any, **named: Any) -> Any:
            await self.connection.pause(name)
            lasting = [list(each) if isinstance(each, Generator) else each for each in given]
            return await self.connection.statement(lambda: method(*lasting, **named))

        return statement


class Deadlines:
    """Where the memory stores of tax and logistics put their deadlines: the runtime's timers."""

    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection

    def __contains__(self, command: Any) -> bool:
        key = (command.declaration_id, type(command).__name__, command.version)
        return key in self._connection.table("timers")

    def __setitem__(self, command: Any, due_at: datetime) -> None:
        set_deadlines(self._connection, [Deadline(due_at=due_at, command=command)])

    def __ior__(self, orders: Mapping[Any, datetime]) -> Deadlines:
        for command, due_at in orders.items():
            self[command] = due_at
        return self

    def __iadd__(self, due: Sequence[tuple[datetime, Any]]) -> Deadlines:
        for due_at, command in due:
            self[command] = due_at
        return self


class NumberedCaseBook(MemoryCaseBook):
    """Permit numbers are of a sequence, which no transaction takes back."""

    def __init__(self, connection: MemoryConnection) -> None:
        self._sequences = connection.database.sequences
        super().__init__()

    @property
    def last_no(self) -> int:
        return self._sequences["permit"]

    @last_no.setter
    def last_no(self, number: int) -> None:
        self._sequences["permit"] = max(number, self._sequences["permit"])


def _declaration(connection: MemoryConnection) -> Statements:
    names = ("versions", "keys", "outcomes", "requests", "answers", "ended", "reviews", "parties")
    return Statements(connection, MemoryDeclarations(), **dict(zip(names, names, strict=True)))


def _tax(connection: MemoryConnection) -> Statements:
    ledger: Any = MemoryTaxLedger()
    ledger.deadlines = Deadlines(connection)
    names = (
        "kept",
        "accounts",
        "quotas",
        "deposits",
        "reviews",
        "entries",
        "bills",
        "items",
        "payments",
        "withdrawals",
        "refunds",
    )
    return Statements(connection, ledger, **dict(zip(names, names, strict=True)))


def _quarantine(connection: MemoryConnection) -> Statements:
    return Statements(connection, MemoryQuarantine(), queue="reviews")


def _logistics(connection: MemoryConnection) -> Statements:
    desk: Any = MemoryConsignments(CARRIER)
    desk.deadlines = Deadlines(connection)
    names = {name: name for name in ("waybills", "bookings", "permits", "awaited")} | {"queue": "reviews"}
    return Statements(connection, desk, **names)


def _clearance(connection: MemoryConnection) -> Statements:
    book = NumberedCaseBook(connection)
    counted: dict[str, Counter[str]] = connection.database.tables["tally"]

    def count() -> None:
        counted.setdefault("all", Counter()).update(book.counts)

    connection.at_commit.append(count)
    return Statements(connection, book, cases="cases", texts="texts", returns="returns", queue="reviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimRoom:
    """What a service brings, as its `main.py` does."""

    store: Callable[[MemoryConnection], Any]
    subscriptions: Mapping[type[AnyEvent], Handler]
    reads: Reads = field(default_factory=dict)
    quorum: Set[str] = frozenset()
    deadlines: Mapping[type[Any], Handler] = field(default_factory=dict)
    on_reviews_decided: Handler

    @property
    def sources(self) -> list[str]:
        """Whom it hears; registry's parties are known from the start here."""
        return sorted({source_of(kind) for kind in self.subscriptions} - {"registry"})


ROOMS: Mapping[str, SimRoom] = {
    "declaration": SimRoom(
        store=_declaration,
        subscriptions=declaration.SUBSCRIPTIONS,
        on_reviews_decided=declaration.on_reviews_decided,
    ),
    "tax": SimRoom(
        store=_tax,
        subscriptions=tax.SUBSCRIPTIONS,
        deadlines=tax.DEADLINES,
        on_reviews_decided=tax.on_reviews_decided,
    ),
    "quarantine": SimRoom(
        store=_quarantine,
        subscriptions=quarantine.SUBSCRIPTIONS,
        reads=quarantine.READS,
        on_reviews_decided=quarantine.on_reviews_decided,
    ),
    "logistics": SimRoom(
        store=_logistics,
        subscriptions=logistics.SUBSCRIPTIONS,
        reads=logistics.READS,
        deadlines=logistics.DEADLINES,
        on_reviews_decided=logistics.on_reviews_decided,
    ),
    "clearance": SimRoom(
        store=_clearance,
        subscriptions=clearance.SUBSCRIPTIONS,
        reads=clearance.READS,
        quorum=clearance.QUORUM,
        on_reviews_decided=clearance.on_reviews_decided,
    ),
}
