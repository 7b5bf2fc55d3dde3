"""What declaration says: submitted, decided by customs, requests to amend, cancel, return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from shared.contracts.envelope import Event
from shared.kernel.gate import Gate
from shared.kernel.goods import Certificate, GoodsLine, ReturnedLine, Transport
from shared.kernel.ids import BuyerToken


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationSubmitted(Event):
    """A version of a declaration is filed: all that the agencies need. Amounts in CNY, weights in kg."""

    filed_at: datetime
    """When it was accepted; law, rates and quota year follow it."""
    mode: Literal["9610", "1210"]
    """Supervision mode: 9610 direct mail, 1210 bonded."""
    declarant: str
    """Party code of the agent that files (CEB agentCode)."""
    guarantor: str
    """Party code whose account secures the tax (CEB assureCode)."""
    seller: str
    platform: str
    order_no: str
    buyer: BuyerToken
    carrier: str
    waybill_no: str
    transport: Transport
    arrival: Literal["on_site", "pre_arrival"]
    """on_site waits for the carrier's arrival report; pre_arrival is authorised before."""
    dispatch_country: str
    """ISO 3166-1 alpha-2 of the country the parcel leaves from."""
    packages: int
    gross_weight: Decimal
    net_weight: Decimal
    goods_value: Decimal
    freight: Decimal
    insurance: Decimal
    discount: Decimal
    actual_paid: Decimal
    certificates: tuple[Certificate, ...] = ()
    lines: tuple[GoodsLine, ...]
    content_hash: str
    """SHA-256 (hex) of the canonical form of the submission."""
    lane: Literal["green", "blue", "yellow", "red"]
    """Risk lane (section 7 of docs/rules.md)."""
    gate: Gate
    """Customs' own gate: PASSED, or HELD for an officer."""

    @property
    def opens(self) -> bool:
        """A version heard of after its end reserves nothing."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsDecided(Event):
    """A customs officer has decided a held version."""

    gate: Gate
    officer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRequested(Event):
    """The seller asks to replace `version`, the one the request is based on; clearance arbitrates."""

    request_id: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationRequested(Event):
    """The seller asks to cancel; `version` is the one the request is based on."""

    request_id: str
    requested_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested(Event):
    """Released goods are to go back, in whole or in part; `version` is the released one. Clearance arbitrates."""

    request_id: str
    requested_at: datetime
    """When it was asked for: the window to apply is weighed at this moment."""
    reason: str
    lines: tuple[ReturnedLine, ...]
