"""What clearance says: the outcome of a declaration, and the answer to every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.envelope import Event
from shared.kernel.gate import Gate
from shared.kernel.goods import ReturnedPart
from shared.kernel.ids import EVERY_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitIssued(Event):
    """All have spoken: the one permit of this version."""

    permit_no: str
    filed_at: datetime
    issued_at: datetime
    valid_until: datetime
    covers_sha256: str
    """SHA-256 (hex) of the canonical JSON that the permit covers."""
    key_id: str
    """The key that signs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRefused(Event):
    """An agency said no: this version ends."""

    gate: Gate
    """The gate that refused."""

    @property
    def closes_through(self) -> int:
        """This version is over."""
        return self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationCancelled(Event):
    """A cancellation is admitted: the declaration ends, whatever version may follow."""

    request_id: str
    reason: str

    @property
    def closes_through(self) -> int:
        """Every version is over."""
        return EVERY_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentAdmitted(Event):
    """`version` is the new running one; the one before ends as superseded."""

    request_id: str

    @property
    def closes_through(self) -> int:
        """Every earlier version is over."""
        return self.version - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused(Event):
    """An amendment, cancellation or return comes too late, is based on another version, or asks for too much."""

    request_id: str
    code: str
    reason: str
    pointer: str = ""
    """JSON Pointer into the request, where one field of it is at fault."""
    rule: str = ""
    fix: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAdmitted(Event):
    """A return is admitted: the goods are to be back on their site before `back_by`."""

    request_id: str
    lines: tuple[ReturnedPart, ...]
    released_at: datetime
    back_by: datetime
    """The first moment that is too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCompleted(Event):
    """The goods of an admitted return are back in time: tax and quota are to be given back."""

    request_id: str
    lines: tuple[ReturnedPart, ...]
    arrived_at: datetime
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLapsed(Event):
    """The goods of an admitted return are not back in time: it ends, and their quantities are free again."""

    request_id: str
    back_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceHeld(Event):
    """A clearance officer holds the declaration."""

    gate: Gate
    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted(Event):
    """The clearance officer's hold is lifted."""

    officer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRevoked(Event):
    """A permit is revoked, with a reason; it never comes back."""

    permit_no: str
    officer: str
    reason: str
