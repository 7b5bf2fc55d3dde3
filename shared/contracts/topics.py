"""One table: who says what, on which topic.

Type names are `<source>.<past fact>.v<n>`. A version only grows by optional fields; anything else is a new n.
Eight partitions on every topic, key = declaration id (registry: the party's UUID; bills: the bill's).
"""

from __future__ import annotations

from shared.contracts import clearance, declaration, logistics, quarantine, registry, tax
from shared.contracts.envelope import AnyEvent

SOURCES = ("registry", "declaration", "tax", "quarantine", "logistics", "clearance")
PARTITIONS = 8

TYPES: dict[str, type[AnyEvent]] = {
    "registry.party-registered.v1": registry.PartyRegistered,
    "registry.signing-key-published.v1": registry.SigningKeyPublished,
    "registry.client-revoked.v1": registry.ClientRevoked,
    "declaration.submitted.v1": declaration.DeclarationSubmitted,
    "declaration.customs-decided.v1": declaration.CustomsDecided,
    "declaration.amendment-requested.v1": declaration.AmendmentRequested,
    "declaration.cancellation-requested.v1": declaration.CancellationRequested,
    "tax.assessed.v1": tax.TaxAssessed,
    "tax.secured.v1": tax.TaxSecured,
    "tax.refused.v1": tax.TaxRefused,
    "tax.voided.v1": tax.TaxVoided,
    "tax.committed.v1": tax.TaxCommitted,
    "tax.bill-issued.v1": tax.BillIssued,
    "tax.bill-paid.v1": tax.BillPaid,
    "tax.bill-overdue.v1": tax.BillOverdue,
    "quarantine.triaged.v1": quarantine.QuarantineTriaged,
    "quarantine.decided.v1": quarantine.QuarantineDecided,
    "logistics.booked.v1": logistics.ConsignmentBooked,
    "logistics.arrived.v1": logistics.ConsignmentArrived,
    "logistics.decided.v1": logistics.LogisticsDecided,
    "logistics.gated-out.v1": logistics.ConsignmentGatedOut,
    "clearance.permit-issued.v1": clearance.PermitIssued,
    "clearance.refused.v1": clearance.DeclarationRefused,
    "clearance.cancelled.v1": clearance.DeclarationCancelled,
    "clearance.amendment-admitted.v1": clearance.AmendmentAdmitted,
    "clearance.request-refused.v1": clearance.RequestRefused,
    "clearance.held.v1": clearance.ClearanceHeld,
    "clearance.hold-lifted.v1": clearance.HoldLifted,
    "clearance.permit-revoked.v1": clearance.PermitRevoked,
}
NAMES: dict[type[AnyEvent], str] = {event: name for name, event in TYPES.items()}


def source_of(event: type[AnyEvent]) -> str:
    """The service that says an event."""
    return NAMES[event].partition(".")[0]


def topic_of(source: str) -> str:
    """The topic a service speaks on."""
    return f"{source}.events"
