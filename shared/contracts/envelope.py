"""Envelope: what every event has, and how a fact travels.

On Kafka a fact is a CloudEvents 1.0 message in binary mode: the attributes are headers (`ce_id`, `ce_source`,
`ce_type`, ...), the value is the event as JSON, the key is its subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.kernel.ids import DeclarationId, bill_subject, party_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A past fact about one version of one declaration."""

    declaration_id: DeclarationId
    version: int
    """1 for the first filing, one more per admitted amendment."""
    parties: tuple[str, ...]
    """Codes of every party that may read it."""

    @property
    def subject(self) -> str:
        """What the fact is about: key of the record, head of the transaction."""
        return self.declaration_id

    @property
    def closes_through(self) -> int:
        """The highest version that is over with this fact; 0 when it ends none."""
        return 0

    @property
    def opens(self) -> bool:
        """Whether it starts work on a version: not handled any more once that version is over."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEvent:
    """A past fact about a party, a client or a key."""

    code: str
    """Party code, client id or key id."""
    version: int = 1

    @property
    def subject(self) -> str:
        """What the fact is about, as a UUID."""
        return party_subject(self.code)

    @property
    def closes_through(self) -> int:
        """No fact of the registry ends a declaration."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BillEvent:
    """A past fact about a monthly tax bill."""

    bill_no: str
    parties: tuple[str, ...]
    """Codes of every party that may read it."""
    version: int = 1

    @property
    def subject(self) -> str:
        """What the fact is about, as a UUID."""
        return bill_subject(self.bill_no)

    @property
    def closes_through(self) -> int:
        """No fact of a bill ends a declaration."""
        return 0


AnyEvent = Event | RegistryEvent | BillEvent


class Cause(NamedTuple):
    """What made a fact: an input (source and seq), or `request`, `timer`, `release` with seq 0."""

    source: str
    seq: int


REQUEST = Cause("request", 0)
TIMER = Cause("timer", 0)


class Fact(NamedTuple):
    """An event as stored and said: bytes and coordinates."""

    source: str
    """The service that says it, e.g. tax."""
    subject: str
    seq: int
    """1..n per source and subject."""
    version: int
    type: str
    """CloudEvents type, e.g. tax.assessed.v1."""
    body: bytes
    cause: Cause
    recorded_at: datetime
    traceparent: str = ""
