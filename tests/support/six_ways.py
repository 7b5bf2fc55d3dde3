"""Six ways: declarations through a clean window, as rows and records.

1 permitted; 2 waits for its carrier; 3 cancelled; 4 amended, then permitted; 5 refused by a quarantine officer;
6 waits for its guarantor, is waived by an officer, permitted.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from audit.rows import Assessed, Billed, Booked, Case, Declared, Known, Request, Review, Timer, Version
from shared.contracts.clearance import (
    AmendmentAdmitted,
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
)
from shared.contracts.declaration import AmendmentRequested, CancellationRequested, DeclarationSubmitted
from shared.contracts.logistics import ConsignmentBooked, ConsignmentGatedOut
from shared.contracts.quarantine import QuarantineDecided, QuarantineTriaged
from shared.contracts.registry import PartyRegistered
from shared.contracts.tax import LineTax, TaxAssessed, TaxCommitted, TaxSecured, TaxVoided
from shared.kernel.gate import Gate
from shared.kernel.ids import BuyerToken
from tests.support.builders import NOW, a_declaration_id, a_declaration_submitted
from tests.support.evidence import AGENT, LATER, TAX, VALUE, Evidence, gate, held, of

ZERO = Decimal(0)
PERMITTED, WAITS, CANCELLED, AMENDED, REFUSED, WAIVED = 1, 2, 3, 4, 5, 6
REQUEST = "00000000-0000-0000-0000-00000000000"
BILL = f"B202506-{AGENT}-{AGENT}-1"
ACCOUNT = (AGENT, Decimal(100), TAX, TAX * 2, TAX, ZERO, Decimal(100), TAX * 3, 4)
"""balance, reserved, due, unsecured, refundable, bank, levied, entries"""
ENTRIES = (
    (AGENT, "DEPOSIT", "bank", "guarantee", Decimal(100), 1, 1),
    (AGENT, "RELEASE", "due", "levied", TAX * 2, 2, 3),
    (AGENT, "RELEASE", "unsecured", "levied", TAX, 1, 4),
)
BILL_ROW = (BILL, AGENT, "OPEN", ZERO, ZERO, TAX * 3, TAX * 2, ZERO, 3)


def a_clean_window() -> Evidence:
    """All six, and every table that goes with them."""
    e = Evidence()
    for number in (PERMITTED, WAITS, CANCELLED, AMENDED, REFUSED, WAIVED):
        _file(e, number, "request", 0)
    _speak(e, PERMITTED)
    _permit(e, PERMITTED, ("logistics", 1))
    _wait(e, WAITS)
    _cancel(e, CANCELLED)
    _amend(e, AMENDED)
    _refuse(e, REFUSED)
    _waive(e, WAIVED)
    _tables(e)
    e.settle()
    e.acknowledged = [a_declaration_id(number) for number in range(1, 7)]
    return e


def _file(e: Evidence, number: int, cause: str, seq: int, version: int = 1) -> None:
    e.say(submitted(number, version), cause, seq)
    subject = a_declaration_id(number)
    e.add("declaration", "declarations", Version(subject, version, "PLATFORM01", f"ORDER-{number}"))
    e.add("clearance", "declared_texts", Declared(subject, version))


def submitted(number: int, version: int = 1) -> DeclarationSubmitted:
    """A filing with numbers and a buyer of its own."""
    return a_declaration_submitted(
        declaration_id=a_declaration_id(number),
        version=version,
        order_no=f"ORDER-{number}",
        waybill_no=f"WAYBILL-{number}",
        buyer=BuyerToken(f"buyer-{number}"),
    )


def _speak(
    e: Evidence, number: int, version: int = 1, *, seq: int = 1, words: dict[str, Gate] | None = None
) -> None:
    """The first words of tax, quarantine and logistics."""
    given: dict[str, Gate] = {
        "tax": gate("tax"),
        "quarantine": gate("quarantine"),
        "logistics": gate("logistics"),
    }
    given |= words or {}
    line = LineTax(
        line_no=1, dutiable_value=VALUE, customs_duty=ZERO, consumption_tax=ZERO, value_added_tax=TAX
    )
    assessed = TaxAssessed(
        gate=given["tax"],
        rule_set="CN-CBEC-2019-01-01",
        dutiable_value=VALUE,
        tax_total=TAX,
        lines=(line,),
        **of(number, version),
    )
    booked = ConsignmentBooked(
        gate=given["logistics"], carrier="CARRIER001", waybill_no=f"WAYBILL-{number}", **of(number, version)
    )
    triaged = QuarantineTriaged(gate=given["quarantine"], **of(number, version))
    for event in (assessed, triaged, booked):
        e.say(event, "declaration", seq)
    status, secured = ("WAITING", ZERO) if given["tax"].status == "HELD" else ("SECURED", TAX)
    row = Assessed(a_declaration_id(number), version, f"buyer-{number}", AGENT, status, TAX, VALUE, secured)
    e.add("tax", "assessments", row)
    bookings = e.rows.setdefault(("logistics", "bookings"), [])
    bookings[:] = [each for each in bookings if each.subject != a_declaration_id(number)]
    bookings.append(Booked(a_declaration_id(number), version, ""))


def _permit(
    e: Evidence, number: int, cause: tuple[str, int], version: int = 1, secured: Decimal = TAX
) -> None:
    """The permit, and what follows from it."""
    subject, permit_no = a_declaration_id(number), f"SW{number}"
    e.say(
        PermitIssued(
            permit_no=permit_no,
            filed_at=NOW,
            issued_at=e.clock,
            valid_until=e.clock + timedelta(days=14),
            covers_sha256="0" * 64,
            key_id="key",
            **of(number, version),
        ),
        *cause,
    )
    said = len(e.facts("clearance", subject))
    e.add("clearance", "cases", Case(subject, "PERMIT", permit_no))
    e.add("declaration", "outcomes", Known(subject, version, "PERMITTED", permit_no))
    committed = TaxCommitted(tax_total=TAX, quota_used=VALUE, bill_no=BILL, **of(number, version))
    e.say(committed, "clearance", said)
    item = Billed(subject, version, "TAX", 2, AGENT, BILL, ZERO, ZERO, TAX, is_secured=bool(secured))
    e.add("tax", "bill_items", item)
    e.say(ConsignmentGatedOut(permit_no=permit_no, **of(number, version)), "clearance", said)
    e.change("tax", "assessments", number, status="COMMITTED", guarantee_held=secured)
    e.change("logistics", "bookings", number, permit_no=permit_no)


def _wait(e: Evidence, number: int) -> None:
    _speak(e, number, words={"logistics": held("logistics", "carrier")})
    subject = a_declaration_id(number)
    e.add("logistics", "timers", Timer(subject, "ArrivalOverdue", 1, LATER + timedelta(days=5)))
    e.add("clearance", "cases", Case(subject, "OPEN", None))


def _cancel(e: Evidence, number: int) -> None:
    _speak(e, number, words={"logistics": held("logistics", "carrier")})
    subject, request = a_declaration_id(number), f"{REQUEST}{number}"
    e.say(CancellationRequested(request_id=request, requested_at=NOW, reason="changed my mind", **of(number)))
    e.say(DeclarationCancelled(request_id=request, reason="changed my mind", **of(number)), "declaration", 2)
    _end(e, number, "CANCELLED")
    e.add("declaration", "requests", Request(subject, request, "cancellation", "ADMITTED", ()))


def _end(e: Evidence, number: int, outcome: str) -> None:
    """What follows from a refusal or a cancellation."""
    subject = a_declaration_id(number)
    said = len(e.facts("clearance", subject))
    e.say(TaxVoided(quota_returned=VALUE, guarantee_returned=TAX, **of(number)), "clearance", said)
    e.change("tax", "assessments", number, status="VOIDED", quota_held=ZERO, guarantee_held=ZERO)
    e.add("clearance", "cases", Case(subject, outcome, None))
    e.add("declaration", "outcomes", Known(subject, 1, outcome, ""))


def _amend(e: Evidence, number: int) -> None:
    _speak(e, number, words={"logistics": held("logistics", "carrier")})
    subject, request = a_declaration_id(number), f"{REQUEST}{number}"
    e.say(AmendmentRequested(request_id=request, requested_at=NOW, **of(number)))
    e.say(AmendmentAdmitted(request_id=request, **of(number, 2)), "declaration", 2)
    e.add("declaration", "requests", Request(subject, request, "amendment", "ADMITTED", ()))
    _file(e, number, "clearance", 1, version=2)
    e.change("tax", "assessments", number, status="SUPERSEDED", quota_held=ZERO, guarantee_held=ZERO)
    _speak(e, number, 2, seq=3)
    _permit(e, number, ("logistics", 2), version=2)


def _refuse(e: Evidence, number: int) -> None:
    _speak(e, number, words={"quarantine": held("quarantine", "quarantine officer")})
    no = gate("quarantine", status="REFUSED", code="E-CIQ-REFUSED", reason="no")
    e.say(QuarantineDecided(gate=no, officer="officer", **of(number)))
    e.say(DeclarationRefused(gate=no, **of(number)), "quarantine", 2)
    _end(e, number, "REFUSED")


def _waive(e: Evidence, number: int) -> None:
    _speak(e, number, words={"tax": held("tax", "guarantor")})
    waived = gate("tax", code="GUARANTEE_WAIVED", reason="a bank's letter")
    e.say(TaxSecured(gate=waived, tax_total=TAX, **of(number)))
    e.change("tax", "assessments", number, status="SECURED")
    _permit(e, number, ("tax", 2), secured=ZERO)


def _tables(e: Evidence) -> None:
    """Balances, keys, counts and copies that go with the six."""
    e.keep("tax", "accounts", ACCOUNT)
    e.keep("tax", "deposits", (AGENT, Decimal(100)))
    e.keep("tax", "entries", *ENTRIES)
    e.keep("tax", "bills", BILL_ROW)
    for number in (PERMITTED, WAITS, AMENDED, WAIVED):
        reserved, used = (VALUE, ZERO) if number == WAITS else (ZERO, VALUE)
        e.keep("tax", "quotas", (f"buyer-{number}", 2025, reserved, used))
        subject = a_declaration_id(number)
        expires = LATER + timedelta(days=180)
        e.keep("declaration", "taken_keys", (f"order|PLATFORM01|ORDER-{number}", subject, None))
        e.keep("declaration", "taken_keys", (f"waybill|CARRIER001|WAYBILL-{number}", subject, expires))
        e.keep("logistics", "waybills", ("CARRIER001", f"WAYBILL-{number}", subject, NOW))
    names = {
        "filed": 6,
        "permit": 3,
        "open": 1,
        "held.logistics": 1,
        "cancelled": 1,
        "refused": 1,
        "superseded": 1,
        "passed.customs": 6,
        "passed.tax": 6,
        "passed.quarantine": 5,
        "passed.logistics": 4,
    }
    e.keep("clearance", "tallies", *names.items())
    carrier = ("CARRIER001", ["carrier"], True)
    e.keep("registry", "parties", carrier)
    e.keep("declaration", "parties", carrier)
    e.keep("logistics", "carriers", ("CARRIER001",))
    e.say(PartyRegistered(code="CARRIER001", name="Grey Goose Air Cargo", roles=("carrier",)))


def a_review(number: int, **changes: Any) -> Review:
    """A review that nobody has claimed."""
    return Review(a_declaration_id(number), 1, "look", LATER, 0, "", None)._replace(**changes)
