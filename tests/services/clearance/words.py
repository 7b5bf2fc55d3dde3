"""Words: what the agencies say, with defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.clearance.handlers import SUBSCRIPTIONS
from services.clearance.store import SqlCaseBook
from shared.contracts.clearance import DeclarationRefused, PermitIssued
from shared.contracts.declaration import (
    AmendmentRequested,
    CancellationRequested,
    CustomsDecided,
    DeclarationSubmitted,
)
from shared.contracts.envelope import Event
from shared.contracts.logistics import ConsignmentArrived, ConsignmentBooked
from shared.contracts.quarantine import QuarantineDecided, QuarantineTriaged
from shared.contracts.tax import TaxAssessed, TaxCommitted, TaxSecured
from shared.kernel.gate import Agency, Gate, GateStatus
from shared.kernel.ids import DeclarationId
from shared.runtime.stores import flush
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_declaration_submitted
from tests.support.memory_clearance import MemoryCaseBook

ID = a_declaration_id()
Book = MemoryCaseBook | SqlCaseBook


def a_gate(agency: Agency, status: GateStatus = "PASSED") -> Gate:
    return Gate(agency=agency, status=status, code="E-NO" if status == "REFUSED" else "")


def whom(version: int = 1, declaration_id: DeclarationId = ID) -> dict[str, Any]:
    """The envelope of an event."""
    return {"declaration_id": declaration_id, "version": version, "parties": PARTIES}


def customs(status: GateStatus = "PASSED", **to: Any) -> DeclarationSubmitted:
    return a_declaration_submitted(gate=a_gate("customs", status), **whom(**to))


def customs_decided(status: GateStatus = "PASSED", **to: Any) -> CustomsDecided:
    return CustomsDecided(gate=a_gate("customs", status), officer="officer-1", **whom(**to))


def tax(status: GateStatus = "PASSED", **to: Any) -> TaxAssessed:
    return TaxAssessed(
        gate=a_gate("tax", status),
        rule_set="CN-CBEC-2019-01-01",
        dutiable_value=Decimal("108.00"),
        tax_total=Decimal("9.83"),
        **whom(**to),
    )


def tax_secured(**to: Any) -> TaxSecured:
    return TaxSecured(gate=a_gate("tax"), tax_total=Decimal("9.83"), **whom(**to))


def tax_committed(**to: Any) -> TaxCommitted:
    return TaxCommitted(tax_total=Decimal("9.83"), quota_used=Decimal("108.00"), **whom(**to))


def quarantine(status: GateStatus = "NOT_REQUIRED", **to: Any) -> QuarantineTriaged:
    return QuarantineTriaged(gate=a_gate("quarantine", status), **whom(**to))


def quarantine_decided(status: GateStatus = "PASSED", **to: Any) -> QuarantineDecided:
    return QuarantineDecided(gate=a_gate("quarantine", status), officer="officer-2", **whom(**to))


def logistics(status: GateStatus = "PASSED", **to: Any) -> ConsignmentBooked:
    gate = a_gate("logistics", status)
    return ConsignmentBooked(gate=gate, carrier="CARRIER001", waybill_no="WAYBILL-1", **whom(**to))


def arrived(**to: Any) -> ConsignmentArrived:
    return ConsignmentArrived(gate=a_gate("logistics"), arrived_at=NOW, site="2244", **whom(**to))


def an_amendment(request_id: str = "amend-1", **to: Any) -> AmendmentRequested:
    return AmendmentRequested(request_id=request_id, requested_at=NOW, **whom(**to))


def a_cancellation(request_id: str = "cancel-1", **to: Any) -> CancellationRequested:
    return CancellationRequested(request_id=request_id, requested_at=NOW, reason="not wanted", **whom(**to))


def all_pass(**to: Any) -> list[Event]:
    return [customs(**to), tax(**to), quarantine(**to), logistics(**to)]


async def tell(book: Book, events: Sequence[Event]) -> list[Event]:
    """What clearance says when it hears these, each in its own batch."""
    said: list[Event] = []
    for event in events:
        said += await SUBSCRIPTIONS[type(event)]([event], book, NOW)
        await flush(book)
    return said


def counts(tally: Mapping[str, int]) -> dict[str, int]:
    """How many cases stand where, without what each gate let pass."""
    return {name: count for name, count in tally.items() if not name.startswith("passed.")}


def outcomes(said: Sequence[Event]) -> list[str]:
    return [type(event).__name__ for event in said if isinstance(event, PermitIssued | DeclarationRefused)]
