"""Stories: what each service hears of a handful of declarations, in the order of its sources.

Amounts stay below every limit, buyers and waybills differ (an assessment notes what its buyer had used before), and
all share one guarantor, so that no order of declarations matters to the outcome.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from shared.contracts.clearance import (
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
    PermitRevoked,
    RequestRefused,
)
from shared.contracts.declaration import (
    AmendmentRequested,
    CancellationRequested,
    DeclarationSubmitted,
)
from shared.contracts.envelope import AnyEvent
from shared.contracts.logistics import ConsignmentBooked
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.registry import PartyRegistered
from shared.contracts.tax import TaxAssessed, TaxSecured
from shared.contracts.topics import source_of
from shared.kernel.gate import Agency, Gate, GateStatus
from shared.kernel.ids import BuyerToken
from shared.runtime.bus import Message
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_declaration_submitted, a_goods_line
from tests.support.return_words import (
    a_return,
    admitted,
    completed,
    lapsed,
    overdue,
    request_of,
    returned,
    whom,
)
from tests.support.toy import a_message

COUNT = 12
"""Declarations of a story."""


def told(service: str) -> list[Message]:
    """What a service hears, numbered per source and subject."""
    seqs: dict[tuple[str, str], int] = {}
    messages = []
    for event in _STORIES[service]():
        key = (source_of(type(event)), event.subject)
        seqs[key] = seqs.get(key, 0) + 1
        messages.append(a_message(event, seqs[key]))
    return messages


def _submitted(number: int, version: int = 1) -> DeclarationSubmitted:
    milk = a_goods_line(goods_code="0402210000", goods_name="Milk powder")
    return replace(
        a_declaration_submitted(),
        declaration_id=a_declaration_id(number),
        version=version,
        filed_at=NOW + timedelta(seconds=number),
        order_no=f"ORDER-{number}",
        waybill_no=f"WAYBILL-{number}",
        buyer=BuyerToken(f"buyer-{number}"),
        arrival="on_site" if number % 4 == 0 else "pre_arrival",
        lines=(milk,) if number % 5 == 0 else (a_goods_line(),),
        gate=_gate("customs", "HELD" if number % 6 == 0 else "PASSED"),
    )


def _gate(agency: Agency, status: GateStatus = "PASSED") -> Gate:
    if status != "HELD":
        return Gate(agency=agency, status=status)
    due = NOW + timedelta(days=5)
    return Gate(agency=agency, status=status, code="WAITS", reason="it waits", awaits="somebody", due_at=due)


def _permit(number: int, version: int = 1) -> PermitIssued:
    return PermitIssued(
        declaration_id=a_declaration_id(number),
        version=version,
        parties=PARTIES,
        permit_no=f"SW{number:09d}",
        filed_at=NOW,
        issued_at=NOW,
        valid_until=NOW + timedelta(days=14),
        covers_sha256="0" * 64,
        key_id="key",
    )


def _revoked(number: int) -> PermitRevoked:
    return PermitRevoked(permit_no=f"SW{number:09d}", officer="o", reason="in error", **whom(number))


def _outcome(number: int) -> AnyEvent:
    """A third each: permit, refused, cancelled."""
    if number % 3 == 0:
        return _permit(number)
    if number % 3 == 1:
        return DeclarationRefused(gate=_gate("tax", "REFUSED"), **whom(number))
    return DeclarationCancelled(request_id=request_of(number), reason="changed my mind", **whom(number))


def _agency() -> list[AnyEvent]:
    """What an agency hears: submissions, some amended, then outcomes."""
    submitted = [_submitted(number) for number in range(1, COUNT + 1)]
    amended = [_submitted(number, 2) for number in (3, 6)]
    outcomes = [_outcome(number) for number in range(1, COUNT + 1) if number not in (3, 6)]
    return [*submitted, *amended, *outcomes, _permit(3, 2)]


def _tax() -> list[AnyEvent]:
    """Of two released declarations goods come back, of one in two parts."""
    returns = [completed(9, "1", 9), completed(12, "2", 12), completed(9, "1", 10)]
    return [*_agency(), *returns]


def _logistics() -> list[AnyEvent]:
    """A carrier, returns of two released declarations, and one permit revoked."""
    carrier = PartyRegistered(code="CARRIER001", name="Grey Goose Air Cargo", roles=("carrier",))
    returns = [admitted(9, "1", 9), admitted(12, "2", 12), admitted(9, "1", 10)]
    return [carrier, *_agency(), *returns, _revoked(9)]


def _clearance() -> list[AnyEvent]:
    """Every gate of every declaration; some refused, some asked to be amended or cancelled."""
    numbers = range(1, COUNT + 1)
    heard: list[AnyEvent] = [_submitted(number) for number in numbers]
    heard += [_cancellation(number) for number in (2, 4)]
    heard += [_amendment(number) for number in (3, 9)]
    heard += [_assessed(number, "HELD" if number == 7 else "PASSED") for number in numbers]
    heard += [
        QuarantineTriaged(
            gate=_gate("quarantine", "REFUSED" if number == 8 else "NOT_REQUIRED"), **whom(number)
        )
        for number in numbers
    ]
    heard += [
        ConsignmentBooked(
            gate=_gate("logistics"), carrier="CARRIER001", waybill_no=f"W{number}", **whom(number)
        )
        for number in numbers
    ]
    heard.append(TaxSecured(gate=_gate("tax"), tax_total=Decimal("9.83"), **whom(7)))
    heard += [_submitted(3, 2), _assessed(3, "PASSED", 2)]
    return [*heard, *_returns()]


def _returns() -> list[AnyEvent]:
    """Of one released declaration two parts are to go back: one comes, one does not; of a refused one nothing may.

    What is awaited is heard of after every submission, so that what it is about is released by then.
    """
    return [
        a_return(1, "1", 31),
        a_return(1, "1", 32),
        a_return(1, "1", 33),
        a_return(8, "1", 34),
        returned(1, 31),
        overdue(1, 32),
    ]


def _assessed(number: int, status: GateStatus, version: int = 1) -> TaxAssessed:
    return TaxAssessed(
        gate=_gate("tax", status),
        rule_set="CN-CBEC-2019-01-01",
        dutiable_value=Decimal("108.00"),
        tax_total=Decimal("9.83"),
        **whom(number, version),
    )


def _cancellation(number: int) -> CancellationRequested:
    return CancellationRequested(
        request_id=request_of(number),
        requested_at=NOW,
        reason="changed my mind",
        **whom(number),
    )


def _amendment(number: int) -> AmendmentRequested:
    return AmendmentRequested(request_id=request_of(number), requested_at=NOW, **whom(number))


def _declaration() -> list[AnyEvent]:
    """Parties, and the outcomes of declarations; one permit revoked, one request refused, returns answered."""
    party = PartyRegistered(code="SELLER0001", name="Teacup and Lantern Ltd", roles=("seller",))
    outcomes = [_outcome(number) for number in range(1, COUNT + 1)]
    refused = RequestRefused(request_id=request_of(6), code="E-STATE", reason="too late", **whom(6))
    returns = [admitted(9, "1", 9), admitted(12, "2", 12), completed(9, "1", 9), lapsed(12, 12)]
    return [party, *outcomes, _revoked(3), refused, *returns]


_STORIES = {
    "tax": _tax,
    "quarantine": _agency,
    "logistics": _logistics,
    "clearance": _clearance,
    "declaration": _declaration,
}
