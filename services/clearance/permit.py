"""Permit: its number, its time, what it covers.

What a permit covers is one canonical JSON text: UTF-8, members sorted by name, no white space, amounts as
text, moments in RFC 3339 with Z, no binary floating point. What was declared is made canonical once, when it
is heard, and stands in that text as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from services.clearance.domain import Case, Permit
from services.clearance.gates import Standing
from services.clearance.heard import Submitted
from shared.kernel.goods import Unit
from shared.kernel.returning import Declared

SCHEMA = "permit/1"
"""Changes whenever the content's form does; old permits keep theirs."""
PREFIX = "SW"
OFFICE = "0001"
"""The single window's own office; customs offices have four digits too."""
MOST_A_SECOND = 100_000
"""Permits: more than this window can issue, by far. The bound for the numbers that a backup does not know."""
BEFORE_THE_FIRST = datetime(2025, 1, 1, tzinfo=UTC)
"""No permit was issued before it."""
VALIDITY = timedelta(days=14)
"""Reading: no text on retail imports sets one; Customs Law article 24 gives an importer fourteen days."""
CHINA = timezone(timedelta(hours=8))
"""The year in a number is the jurisdiction's; China knows no summer time."""

_canonical = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a permit needs beside the case: its running number, the key that will sign, what was declared."""

    running_no: int
    key_id: str
    declared: bytes
    """Canonical JSON."""


def canonical(value: Any) -> bytes:
    """A value as canonical JSON."""
    return _canonical.encode(value)


def permit_number(issued_at: datetime, running_no: int) -> str:
    """SW, year, office, nine digits or more that only ever rise: SW20260001000000042."""
    return f"{PREFIX}{issued_at.astimezone(CHINA).year}{OFFICE}{running_no:09d}"


def running_no_after(moment: datetime) -> int:
    """A running number that no permit issued until this moment can have.

    Numbers are counted one by one, at first from 1 and after a restore from such a number of an earlier moment; and
    nobody counts as fast as these grow.
    """
    return int((moment - BEFORE_THE_FIRST) / timedelta(seconds=1) * MOST_A_SECOND)


def issue(case: Case, draft: Draft, now: datetime) -> Permit:
    """The permit of the running version, with the hash of what it covers."""
    permit = Permit(
        permit_no=permit_number(now, draft.running_no),
        issued_at=now,
        valid_until=now + VALIDITY,
        covers_sha256="",
        key_id=draft.key_id,
    )
    covers = content(case, permit, draft.declared)
    return replace(permit, covers_sha256=hashlib.sha256(covers).hexdigest())


def content(case: Case, permit: Permit, declared: bytes) -> bytes:
    """The canonical text that a permit covers: what was declared, and what was decided of it."""
    standing = case.running
    decided = {
        "declaration_id": case.declaration_id,
        "filed_at": standing.filed_at,
        "gates": gates_of(standing),
        "issued_at": permit.issued_at,
        "permit_no": permit.permit_no,
        "schema": SCHEMA,
        "tax_total": standing.tax_total,
        "valid_until": permit.valid_until,
        "version": case.version,
    }
    return b'{"declared":%b,"permit":%b}' % (declared, canonical(decided))


def gates_of(standing: Standing) -> dict[str, dict[str, Any]]:
    """What each agency said, and when it was heard."""
    return {
        agency: {"code": word.gate.code, "since": word.since, "status": word.gate.status}
        for agency, word in standing.words.items()
    }


def declared(filed: Submitted) -> bytes:
    """The canonical text of what a version declares; nothing of the buyer's person."""
    return canonical(
        {
            "carrier": filed.carrier,
            "content_hash": filed.content_hash,
            "currency": "CNY",
            "declarant": filed.declarant,
            "goods_value": filed.goods_value,
            "lines": [
                {
                    "goods_code": line.goods_code,
                    "goods_name": line.goods_name,
                    "line_no": line.line_no,
                    "origin_country": line.origin_country,
                    "quantity": line.quantity,
                    "total_price": line.total_price,
                    "unit": line.unit,
                }
                for line in filed.lines
            ],
            "mode": filed.mode,
            "order_no": filed.order_no,
            "packages": filed.packages,
            "platform": filed.platform,
            "seller": filed.seller,
            "waybill_no": filed.waybill_no,
        }
    )


class _Line(msgspec.Struct):
    """A declared line, as far as a return asks."""

    line_no: int
    quantity: Decimal
    unit: Unit


class _Lines(msgspec.Struct):
    lines: list[_Line]


_read_lines = msgspec.json.Decoder(_Lines).decode


def lines_of(text: bytes) -> dict[int, Declared]:
    """The lines of what a version declares, from its canonical text, by number."""
    return {
        line.line_no: Declared(quantity=line.quantity, unit=line.unit) for line in _read_lines(text).lines
    }
