"""Rows: what the tables hold, as far as an auditor asks.

One named tuple a table; `TABLES` says which columns make it, and in whose database it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from audit.told import Told, read_told
from audit.where import SERVICES
from shared.contracts.topics import SOURCES


class Head(NamedTuple):
    """One row a subject: what was said and heard of it."""

    subject: str
    next_seq: int
    version: int
    closed_through: int
    waiting: int
    heard: Sequence[int]
    """By source, in the order of `SOURCES`."""


class Fact(NamedTuple):
    """What a service has said."""

    subject: str
    seq: int
    version: int
    type: str
    body: bytes
    cause_source: str
    cause_seq: int
    recorded_at: datetime
    told: Told | None
    """Its body; nothing where it cannot be read."""


class Waiting(NamedTuple):
    """What came early or is parked."""

    subject: str
    source: str
    seq: int
    state: str
    error_class: str
    error: str
    attempts: int


class Unsaid(NamedTuple):
    """A fact that the relay is to say."""

    subject: str
    seq: int
    due_at: datetime


class Timer(NamedTuple):
    """A deadline."""

    subject: str
    command: str
    version: int
    due_at: datetime


class Review(NamedTuple):
    """An item of an officers' queue."""

    subject: str
    version: int
    reason: str
    due_at: datetime
    lease_no: int
    officer: str
    lease_until: datetime | None


class Version(NamedTuple):
    """A filed version, in declaration."""

    subject: str
    version: int
    platform: str
    order_no: str


class Known(NamedTuple):
    """An outcome, as declaration knows it."""

    subject: str
    version: int
    outcome: str
    permit_no: str


class Request(NamedTuple):
    """A wish to amend, to cancel or to return, in declaration."""

    subject: str
    request_id: str
    kind: str
    state: str
    keys: Sequence[str]


class Assessed(NamedTuple):
    """A version, as tax keeps it. CNY."""

    subject: str
    version: int
    buyer: str
    guarantor: str
    status: str
    tax_total: Decimal
    quota_held: Decimal
    guarantee_held: Decimal
    refunded: Decimal = Decimal(0)


class Billed(NamedTuple):
    """What one declaration adds to a bill, or takes off it. CNY."""

    subject: str
    version: int
    kind: str
    entry: int
    party: str
    bill_no: str
    customs_duty: Decimal
    consumption_tax: Decimal
    value_added_tax: Decimal
    is_secured: bool

    @property
    def taxes(self) -> tuple[Decimal, Decimal, Decimal]:
        """The three of it."""
        return self.customs_duty, self.consumption_tax, self.value_added_tax

    @property
    def total(self) -> Decimal:
        """Their sum."""
        return self.customs_duty + self.consumption_tax + self.value_added_tax


class Booked(NamedTuple):
    """A booking, in logistics."""

    subject: str
    version: int
    permit_no: str


class Case(NamedTuple):
    """A case, in clearance."""

    subject: str
    status: str
    permit_no: str | None


class Declared(NamedTuple):
    """That clearance keeps what a version declares."""

    subject: str
    version: int


BILLS = (
    "select bill_no, guarantor, status, customs_duty, consumption_tax, value_added_tax, "
    "secured, refunded, items from bills"
)
"""Bills belong to no declaration: whoever asks for them is given these columns."""


class Returned(NamedTuple):
    """A return, in clearance or logistics."""

    subject: str
    request_id: str
    status: str


class Refunded(NamedTuple):
    """What a return has given back, in tax. CNY."""

    subject: str
    request_id: str
    tax_total: Decimal
    quota: Decimal


class Table(NamedTuple):
    """A table that is read in the order of its subjects."""

    name: str
    key: str
    columns: str
    """Beside the key."""
    make: Callable[..., Any]
    services: tuple[str, ...]


def _head(*row: Any) -> Head:
    return Head._make((*row[:5], row[5:]))


def _fact(*row: Any) -> Fact:
    return Fact._make((*row, read_told(row[4])))


_heard = ", ".join(f"heard_{source}" for source in SOURCES)
_QUEUES = ("declaration", "tax", "quarantine", "logistics", "clearance")
_fact_columns = "seq, version, type, body, cause_source, cause_seq, recorded_at"
_review_columns = "version, reason, due_at, lease_no, officer, lease_until"
_bill_columns = (
    "version, kind, entry, party, bill_no, customs_duty, consumption_tax, value_added_tax, is_secured"
)
_tax_columns = "version, buyer, guarantor, status, tax_total, quota_held, guarantee_held, refunded"

TABLES = (
    Table("heads", "subject_id", f"next_seq, version, closed_through, waiting, {_heard}", _head, SERVICES),
    Table("facts", "subject_id", _fact_columns, _fact, SERVICES),
    Table("waiting", "subject_id", "source, seq, state, error_class, error, attempts", Waiting, SERVICES),
    Table("outbox", "subject_id", "seq, due_at", Unsaid, SERVICES),
    Table("timers", "subject_id", "command, version, due_at", Timer, SERVICES),
    Table("reviews", "declaration_id", _review_columns, Review, _QUEUES),
    Table("declarations", "declaration_id", "version, platform, order_no", Version, ("declaration",)),
    Table("outcomes", "declaration_id", "version, outcome, permit_no", Known, ("declaration",)),
    Table("requests", "declaration_id", "request_id::text, kind, state, keys", Request, ("declaration",)),
    Table("assessments", "declaration_id", _tax_columns, Assessed, ("tax",)),
    Table("bill_items", "declaration_id", _bill_columns, Billed, ("tax",)),
    Table("bookings", "declaration_id", "version, permit_no", Booked, ("logistics",)),
    Table("cases", "declaration_id", "status, permit_no", Case, ("clearance",)),
    Table("declared_texts", "declaration_id", "version", Declared, ("clearance",)),
    Table("returns", "declaration_id", "request_id::text, status", Returned, ("clearance",)),
    Table("awaited_returns", "declaration_id", "request_id::text, status", Returned, ("logistics",)),
    Table("refunds", "declaration_id", "request_id::text, tax_total, quota", Refunded, ("tax",)),
)
