"""Sayings: a case in, an event out."""

from __future__ import annotations

from services.clearance.domain import Case, Denial, PlaceHold, RevokePermit
from services.clearance.gates import refusing_gates
from services.clearance.returns import Return
from shared.contracts.clearance import (
    AmendmentAdmitted,
    ClearanceHeld,
    DeclarationCancelled,
    DeclarationRefused,
    HoldLifted,
    PermitIssued,
    PermitRevoked,
    RequestRefused,
    ReturnAdmitted,
    ReturnCompleted,
    ReturnLapsed,
)
from shared.contracts.declaration import AmendmentRequested, CancellationRequested, ReturnRequested
from shared.contracts.envelope import Event
from shared.contracts.logistics import GoodsReturned
from shared.kernel.ids import DeclarationId
from shared.kernel.review import DecideReview

Request = AmendmentRequested | CancellationRequested


def outcome(before: Case, after: Case) -> tuple[Event, ...]:
    """What is said of a case that has just got its permit or its refusal; otherwise nothing."""
    if before.status == after.status or after.status not in ("PERMIT", "REFUSED"):
        return ()
    return (issued(after),) if after.status == "PERMIT" else (refused(after),)


def issued(case: Case) -> PermitIssued:
    """The permit, as it stands in the case."""
    permit, filed_at = case.permit, case.running.filed_at
    if permit is None or filed_at is None:
        raise ValueError(f"{case.declaration_id} has no permit to speak of")
    return PermitIssued(
        declaration_id=DeclarationId(case.declaration_id),
        version=case.version,
        parties=case.parties,
        permit_no=permit.permit_no,
        filed_at=filed_at,
        issued_at=permit.issued_at,
        valid_until=permit.valid_until,
        covers_sha256=permit.covers_sha256,
        key_id=permit.key_id,
    )


def refused(case: Case) -> DeclarationRefused:
    """The refusal, with the first gate that says no."""
    return DeclarationRefused(
        declaration_id=DeclarationId(case.declaration_id),
        version=case.version,
        parties=case.parties,
        gate=refusing_gates(case.running, case.hold)[0],
    )


def admitted(request: Request) -> Event:
    """The answer to a request that comes in time."""
    if isinstance(request, AmendmentRequested):
        return AmendmentAdmitted(
            declaration_id=request.declaration_id,
            version=request.version + 1,
            parties=request.parties,
            request_id=request.request_id,
        )
    return DeclarationCancelled(
        declaration_id=request.declaration_id,
        version=request.version,
        parties=request.parties,
        request_id=request.request_id,
        reason=request.reason,
    )


def denied(request: Request | ReturnRequested, denial: Denial) -> RequestRefused:
    """The answer to a request that comes to nothing."""
    return RequestRefused(
        declaration_id=request.declaration_id,
        version=request.version,
        parties=request.parties,
        request_id=request.request_id,
        code=denial.code,
        reason=denial.reason,
        pointer=denial.pointer,
        rule=denial.rule,
        fix=denial.fix,
        source=denial.source,
    )


def return_admitted(made: Return) -> ReturnAdmitted:
    """The goods may go back."""
    return ReturnAdmitted(
        declaration_id=made.declaration_id,
        version=made.version,
        parties=made.parties,
        request_id=made.request_id,
        lines=made.lines,
        released_at=made.released_at,
        back_by=made.back_by,
    )


def return_completed(done: Return, arrived: GoodsReturned) -> ReturnCompleted:
    """The goods are back in time."""
    return ReturnCompleted(
        declaration_id=done.declaration_id,
        version=done.version,
        parties=done.parties,
        request_id=done.request_id,
        lines=done.lines,
        arrived_at=arrived.arrived_at,
        site=arrived.site,
    )


def return_lapsed(done: Return) -> ReturnLapsed:
    """They are not: the return ends."""
    return ReturnLapsed(
        declaration_id=done.declaration_id,
        version=done.version,
        parties=done.parties,
        request_id=done.request_id,
        back_by=done.back_by,
    )


def held(case: Case, order: PlaceHold) -> ClearanceHeld:
    """Clearance's own gate is shut."""
    if case.hold is None:
        raise ValueError(f"{case.declaration_id} has no hold to speak of")
    return ClearanceHeld(
        declaration_id=DeclarationId(case.declaration_id),
        version=case.version,
        parties=case.parties,
        gate=case.hold.gate,
        officer=order.officer,
    )


def lifted(case: Case, order: DecideReview) -> HoldLifted:
    """Clearance's own gate is open again."""
    return HoldLifted(
        declaration_id=DeclarationId(case.declaration_id),
        version=case.version,
        parties=case.parties,
        officer=order.officer,
        reason=order.reason,
    )


def revoked(case: Case, order: RevokePermit) -> PermitRevoked:
    """The permit is taken back."""
    return PermitRevoked(
        declaration_id=DeclarationId(case.declaration_id),
        version=case.version,
        parties=case.parties,
        permit_no=case.permit.permit_no if case.permit else "",
        officer=order.officer,
        reason=order.reason,
    )
