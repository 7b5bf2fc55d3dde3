"""Ledgerful: many settled declarations, written by SQL.

Every one is the same green parcel of a buyer of its own ten: one submission, four gates, one permit, all committed.
Bodies are made once by the contracts and copied with other ids and numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from audit.hearing import SPEAKERS
from shared.contracts import codec
from shared.contracts.clearance import PermitIssued
from shared.contracts.envelope import Event
from shared.contracts.logistics import ConsignmentBooked, ConsignmentGatedOut
from shared.contracts.quarantine import QuarantineTriaged
from shared.contracts.tax import LineTax, TaxAssessed, TaxCommitted
from shared.contracts.topics import NAMES
from shared.kernel.gate import Agency, Gate
from shared.kernel.ids import BuyerToken, DeclarationId
from tests.support.builders import PARTIES, a_declaration_submitted

PLACE = "00000000-0000-0000-0000-00000000feed"
FILED = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
TAX, VALUE = Decimal("9.83"), Decimal("108.00")
ID = """(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7000-8000-' || lpad(to_hex(i), 12, '0'))"""
IDS = f"""(select i, {ID} as id from (
           select i, lpad(to_hex({int(FILED.timestamp() * 1000)} + i / 100), 12, '0') as h
           from generate_series($1::bigint, $2::bigint) as i) as numbers) as given"""
HEARD = {
    "declaration": "next_seq, version, heard_clearance) select id::uuid, 2, 1, 1",
    "tax": "next_seq, version, heard_declaration, heard_clearance) select id::uuid, 3, 1, 1, 1",
    "quarantine": "next_seq, version, heard_declaration, heard_clearance) select id::uuid, 2, 1, 1, 1",
    "logistics": "next_seq, version, heard_declaration, heard_clearance) select id::uuid, 3, 1, 1, 1",
    "clearance": """next_seq, version, heard_declaration, heard_tax, heard_quarantine, heard_logistics)
                    select id::uuid, 2, 1, 1, 2, 1, 2""",
}
BILL = "B202506-AGENT00001-AGENT00001-1"
ROWS = {
    "declaration": (
        f"""insert into declarations (declaration_id, version, filed_at, platform, order_no, parties, summary,
                document)
            select id::uuid, 1, '{FILED}', 'PLATFORM01', 'ORDER-' || i, '{{AGENT00001}}', ''::bytea, ''::bytea""",
        """insert into taken_keys (key, declaration_id, content_hash)
            select 'order|PLATFORM01|ORDER-' || i, id::uuid, ''""",
        """insert into taken_keys (key, declaration_id, content_hash)
            select 'waybill|CARRIER001|WAYBILL-' || i, id::uuid, ''""",
        f"""insert into outcomes (declaration_id, version, outcome, at, code, reason, permit_no)
            select id::uuid, 1, 'PERMITTED', '{FILED}', '', '', 'SW' || i""",
    ),
    "tax": (
        f"""insert into assessments (declaration_id, version, parties, buyer, guarantor, filed_at, status, tax_total,
                quota_held, guarantee_held, rule_set, working)
            select id::uuid, 1, '{{AGENT00001}}', 'buyer-' || (i - 1) / 10, 'AGENT00001', '{FILED}', 'COMMITTED',
                {TAX}, {VALUE}, {TAX}, 'CN-CBEC-2019-01-01', ''::bytea""",
        f"""insert into bill_items (declaration_id, version, kind, entry, party, bill_no, value_added_tax, is_secured)
            select id::uuid, 1, 'TAX', 2, 'AGENT00001', '{BILL}', {TAX}, true""",
        f"""insert into quotas (buyer, year, used)
            select 'buyer-' || (i - 1) / 10, {(FILED + timedelta(hours=8)).year}, count(*) * {VALUE}""",
    ),
    "quarantine": (),
    "logistics": (
        "insert into bookings (declaration_id, version, permit_no, body) select id::uuid, 1, 'SW' || i, ''",
        f"""insert into waybills (carrier, waybill_no, declaration_id, taken_at)
            select 'CARRIER001', 'WAYBILL-' || i, id::uuid, '{FILED}'""",
    ),
    "clearance": (
        "insert into cases (declaration_id, status, permit_no, body) select id::uuid, 'PERMIT', 'SW' || i, ''::bytea",
        "insert into declared_texts (declaration_id, version, body) select id::uuid, 1, ''::bytea",
    ),
}
FACT = """insert into facts (subject_id, seq, version, type, body, cause_source, cause_seq, recorded_at, traceparent)
          select id::uuid, $3, 1, $4, convert_to(replace(replace(replace($5, $6, id), '@@', i::text),
              '##', ((i - 1) / 10)::text), 'UTF8'), $7, $8, $9, ''"""


def speeches() -> dict[str, Sequence[tuple[Event, str, int]]]:
    """What each service says of one declaration, with the input that caused it."""
    of: dict[str, Any] = {"declaration_id": DeclarationId(PLACE), "version": 1, "parties": PARTIES}
    line = LineTax(
        line_no=1,
        dutiable_value=VALUE,
        customs_duty=Decimal(0),
        consumption_tax=Decimal(0),
        value_added_tax=TAX,
    )
    assessed = TaxAssessed(
        gate=_passed("tax"),
        rule_set="CN-CBEC-2019-01-01",
        dutiable_value=VALUE,
        tax_total=TAX,
        lines=(line,),
        **of,
    )
    booked = ConsignmentBooked(gate=_passed("logistics"), carrier="CARRIER001", waybill_no="WAYBILL-@@", **of)
    return {
        "declaration": [(_submitted(), "request", 0)],
        "tax": [
            (assessed, "declaration", 1),
            (TaxCommitted(tax_total=TAX, quota_used=VALUE, **of), "clearance", 1),
        ],
        "quarantine": [(QuarantineTriaged(gate=_passed("quarantine"), **of), "declaration", 1)],
        "logistics": [
            (booked, "declaration", 1),
            (ConsignmentGatedOut(permit_no="SW@@", **of), "clearance", 1),
        ],
        "clearance": [(_permit(of), "logistics", 1)],
    }


def _passed(agency: Agency) -> Gate:
    return Gate(
        agency=agency, status="PASSED", code="SECURED", reason="a usual word of a usual length, for its size"
    )


def _submitted() -> Event:
    return a_declaration_submitted(
        declaration_id=DeclarationId(PLACE),
        filed_at=FILED,
        order_no="ORDER-@@",
        waybill_no="WAYBILL-@@",
        buyer=BuyerToken("buyer-##"),
    )


def _permit(of: dict[str, Any]) -> Event:
    return PermitIssued(
        permit_no="SW@@",
        filed_at=FILED,
        issued_at=FILED,
        valid_until=FILED + timedelta(days=14),
        covers_sha256="0" * 64,
        key_id="key",
        **of,
    )


async def write(connection: Any, service: str, first: int, last: int) -> None:
    """A run of declarations into a service's database."""
    await connection.execute(f"insert into heads (subject_id, {HEARD[service]} from {IDS}", first, last)
    for statement in ROWS[service]:
        grouped = " group by (i - 1) / 10" if "count(*)" in statement else ""
        await connection.execute(f"{statement} from {IDS}{grouped}", first, last)
    for seq, (event, source, number) in enumerate(speeches()[service], start=1):
        moment = FILED + timedelta(seconds=seq * 5 if service != "clearance" else 7)
        body = codec.encode(event).decode()
        given = (seq, NAMES[type(event)], body, PLACE, source, number, moment)
        await connection.execute(f"{FACT} from {IDS}", first, last, *given)


async def balance(connections: dict[str, Any], count: int) -> None:
    """The account, its deposit, and the live page's numbers."""
    tax, clearance = connections["tax"], connections["clearance"]
    await tax.execute(
        "insert into accounts (party, balance, due) values ('AGENT00001', $1, $2)",
        TAX * count * 2,
        TAX * count,
    )
    await tax.execute("select carry_account('AGENT00001')")
    await tax.execute(
        f"""insert into bills (bill_no, declarant, guarantor, month, number, status, value_added_tax, secured, items,
                closes_at)
            values ('{BILL}', 'AGENT00001', 'AGENT00001', '2025-06', 1, 'OPEN', $1, $1, $2, 'infinity')""",
        TAX * count,
        count,
    )
    await tax.execute(
        """insert into deposits (party, reference, amount, made_by, made_at)
           values ('AGENT00001', 'all', $1, 'load', now())""",
        TAX * count * 2,
    )
    await clearance.execute(
        "insert into tallies (name, slot, n) select name, 0, $1 from unnest($2::text[]) as given (name)",
        count,
        ["filed", "permit", *(f"passed.{agency}" for agency in SPEAKERS)],
    )
