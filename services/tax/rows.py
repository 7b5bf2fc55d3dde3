"""Tax rows: things to columns and back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from services.tax.assessment import Assessment
from services.tax.balances import Balances, Holding
from services.tax.columns import amount, read_taxes, taxes_row
from services.tax.notes import Noted
from services.tax.quota import Quota
from services.tax.taxes import Taxes
from services.tax.trace import Working
from shared.runtime.arrays import Row

HOLDING = """declaration_id::text, version, parties, buyer, guarantor, filed_at, status, tax_total, quota_held,
              guarantee_held, declarant, customs_duty, consumption_tax, value_added_tax, bill_no, refunded,
              noted, case when customs_duty is null then working end as unsummed"""
"""Columns of a holding, as `read_holding` takes them."""
_encode = msgspec.json.Encoder().encode
_read_noted = msgspec.json.Decoder(tuple[Noted, ...]).decode
read_working = msgspec.json.Decoder(Working).decode


def read_holding(row: sa.RowMapping) -> Holding:
    """A holding from its row."""
    return Holding(
        declaration_id=row["declaration_id"],
        version=row["version"],
        parties=tuple(row["parties"]),
        buyer=row["buyer"],
        guarantor=row["guarantor"],
        filed_at=row["filed_at"],
        status=row["status"],
        tax_total=amount(row["tax_total"]),
        quota_held=amount(row["quota_held"]),
        guarantee_held=amount(row["guarantee_held"]),
        declarant=row["declarant"] or "",
        taxes=_taxes(row),
        bill_no=row["bill_no"],
        refunded=amount(row["refunded"]),
        noted=_read_noted(row["noted"]) if row["noted"] else (),
    )


def _taxes(row: sa.RowMapping) -> Taxes:
    """Of a version; from its working, where an earlier release has not summed them up."""
    if row["customs_duty"] is not None:
        return read_taxes(row)
    working = read_working(row["unsummed"])
    return Taxes() if working.fault else working.taxes


def quota_row(quota: Quota) -> Row:
    """A quota as its row."""
    return {"buyer": quota.buyer, "year": quota.year, "reserved": quota.reserved, "used": quota.used}


def changes_of(balances: Balances) -> tuple[list[Row], list[Row]]:
    """What changes of assessments after they are made: their status and bill; of some what they hold, too.

    An amount costs the driver more than all else in the row together.
    """
    changed = balances.changed.values()
    plain = [status_row(each) for each in changed if each.declaration_id not in balances.moved]
    return plain, [
        {**status_row(each), **held_row(each)} for each in changed if each.declaration_id in balances.moved
    ]


def status_row(holding: Holding) -> Row:
    """Its status, and the bill it is on."""
    return {
        "declaration_id": holding.declaration_id,
        "version": holding.version,
        "status": holding.status,
        "bill_no": holding.bill_no,
    }


def held_row(holding: Holding) -> Row:
    """What it holds, and what of it went back."""
    return {
        "quota_held": holding.quota_held,
        "guarantee_held": holding.guarantee_held,
        "refunded": holding.refunded,
    }


def waiting_row(holding: Holding) -> Row:
    """A filing that waits for payment as its row."""
    return {
        "declaration_id": holding.declaration_id,
        "version": holding.version,
        "guarantor": holding.guarantor,
        "filed_at": holding.filed_at,
        "tax_total": holding.tax_total,
    }


def assessment_row(made: Assessment) -> Row:
    """A new assessment as its row: on no bill yet, and nothing of it given back."""
    holding = made.holding
    return {
        **status_row(holding),
        "quota_held": holding.quota_held,
        "guarantee_held": holding.guarantee_held,
        "parties": holding.parties,
        "buyer": holding.buyer,
        "guarantor": holding.guarantor,
        "filed_at": holding.filed_at,
        "tax_total": holding.tax_total,
        "declarant": holding.declarant,
        **taxes_row(holding.taxes),
        "rule_set": made.rule_set,
        "working": _encode(made.working),
    }


def assessment_rows(made: Sequence[Assessment]) -> list[Row]:
    """New assessments as rows; the column of noted goods is named only where some ask for such."""
    rows = [assessment_row(each) for each in made]
    noted = [_encode(each.holding.noted) if each.holding.noted else None for each in made]
    return [{**row, "noted": asks} for row, asks in zip(rows, noted, strict=True)] if any(noted) else rows
