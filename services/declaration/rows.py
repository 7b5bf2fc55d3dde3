"""Rows: filings, claims and requests as the tables have them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from services.declaration.filing import Filing, Kept, natural_keys
from services.declaration.requests import Wanted
from services.declaration.settlement import Holder
from shared.contracts.declaration import DeclarationSubmitted
from shared.kernel.goods import Unit
from shared.kernel.papers import WAYBILL_TAKEN
from shared.kernel.returning import Declared

KEPT = WAYBILL_TAKEN
"""How long a waybill number is taken (CEB 511: six months), and an Idempotency-Key with it."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a version beside the columns it is asked by: one column of JSON."""

    seller: str
    declarant: str
    carrier: str
    waybill_no: str
    buyer_ending: str
    lane: str
    risk: str
    content_hash: str


read_summary = msgspec.json.Decoder(Summary).decode
_encode = msgspec.json.Encoder().encode


def version_row(event: DeclarationSubmitted, kept: Kept) -> dict[str, Any]:
    """A filed version."""
    summary = Summary(
        seller=event.seller,
        declarant=event.declarant,
        carrier=event.carrier,
        waybill_no=event.waybill_no,
        buyer_ending=kept.buyer_ending,
        lane=event.lane,
        risk=kept.risk,
        content_hash=event.content_hash,
    )
    return {
        "declaration_id": event.declaration_id,
        "version": event.version,
        "filed_at": event.filed_at,
        "platform": event.platform,
        "order_no": event.order_no,
        "parties": event.parties,
        "summary": _encode(summary),
        "document": kept.document,
    }


def keys_of_row(platform: str, order_no: str, summary: bytes) -> tuple[str, str]:
    """The natural keys of a stored version."""
    shown = read_summary(summary)
    return natural_keys(platform, order_no, shown.carrier, shown.waybill_no)


def keys_of_event(event: DeclarationSubmitted) -> tuple[str, str]:
    """The natural keys of a filed version."""
    return natural_keys(event.platform, event.order_no, event.carrier, event.waybill_no)


def claims_of(filing: Filing, now: datetime) -> list[dict[str, Any]]:
    """The keys that a new declaration takes."""
    claims = natural_claims(filing, filing.declaration_id, now, filing.content_hash)
    if filing.idempotency:
        claims.append({**claims[1], "key": filing.idempotency})
    return claims


def natural_claims(
    filing: Filing, declaration_id: str, now: datetime, content_hash: str
) -> list[dict[str, Any]]:
    """The order's key for good, the waybill's for six months."""
    order, waybill = filing.keys
    holder = {"declaration_id": declaration_id, "content_hash": content_hash}
    return [
        {"key": order, **holder, "expires_at": None},
        {"key": waybill, **holder, "expires_at": now + KEPT},
    ]


def idempotency_claim(key: str, stands_for: Holder, now: datetime) -> dict[str, Any]:
    """An Idempotency-Key of a repeat or of a request: taken for as long as a filing's."""
    return {"key": key, **asdict(stands_for), "expires_at": now + KEPT}


def request_row(declaration_id: str, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """A request that is not answered yet; an amendment adds what it wants to file."""
    return {
        "declaration_id": declaration_id,
        "request_id": wanted.request_id,
        "kind": wanted.kind,
        "based_on_version": wanted.based_on_version,
        "requested_at": now,
        "requested_by": wanted.party,
        "reason": wanted.reason,
        "state": "PENDING",
        "answered_at": None,
        "code": "",
        "detail": "",
        "event": b"",
        "document": b"",
        "buyer_ending": "",
        "risk": "",
        "keys": [],
        "lines": _encode(wanted.lines) if wanted.lines else b"",
    }


class _Line(msgspec.Struct):
    """A line of a kept document, as far as a return asks."""

    line_no: int
    quantity: Decimal
    unit: Unit


class _Papers(msgspec.Struct):
    lines: list[_Line]


class _Document(msgspec.Struct):
    list: _Papers


_read_document = msgspec.json.Decoder(_Document).decode


def lines_of(document: bytes) -> dict[int, Declared]:
    """The lines that a kept document declares, by number."""
    lines = _read_document(document).list.lines
    return {line.line_no: Declared(quantity=line.quantity, unit=line.unit) for line in lines}
