"""Gates: what an agency says of a declaration.

Customs, tax, quarantine and logistics each speak a gate for every version, if only NOT_REQUIRED.
The permit is issued when all four are PASSED or NOT_REQUIRED and clearance has no open hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Agency = Literal["customs", "tax", "quarantine", "logistics", "clearance"]
AGENCIES: tuple[Agency, ...] = ("customs", "tax", "quarantine", "logistics", "clearance")
SPEAKING: tuple[Agency, ...] = ("customs", "tax", "quarantine", "logistics")
"""The four that clearance waits for."""

GateStatus = Literal["NOT_REQUIRED", "PASSED", "HELD", "REFUSED"]
OPEN_STATUSES = ("NOT_REQUIRED", "PASSED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One agency's word. HELD always names a reason, who must act, and until when."""

    agency: Agency
    status: GateStatus
    code: str = ""
    """Stable reason code, e.g. AWAITING_PAYMENT, DOCUMENT_REVIEW, E-LIMIT-YEAR."""
    reason: str = ""
    """The same in one plain sentence."""
    awaits: str = ""
    """Who must act: declarant, carrier, `<agency> officer`."""
    due_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the declaration may pass."""
        return self.status in OPEN_STATUSES
