"""Tax rows: things to columns and back."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import sqlalchemy as sa

from services.tax.assessment import Assessment
from services.tax.balances import Holding
from services.tax.guarantee import Account
from services.tax.quota import Quota
from services.tax.trace import Working
from shared.kernel.money import CENT
from shared.runtime.database import Row

_encode = msgspec.json.Encoder().encode
read_working = msgspec.json.Decoder(Working).decode


def amount(stored: Decimal) -> Decimal:
    """An amount as it was before the column gave it five digits: to the cent, where that is exact."""
    exact = stored.quantize(CENT)
    return exact if exact == stored else stored


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
    )


def read_account(row: sa.RowMapping) -> Account:
    """An account from its row."""
    balance, reserved, due = amount(row["balance"]), amount(row["reserved"]), amount(row["due"])
    return Account(party=row["party"], balance=balance, reserved=reserved, due=due)


def account_row(account: Account) -> Row:
    """An account as its row."""
    party, balance = account.party, account.balance
    return {"party": party, "balance": balance, "reserved": account.reserved, "due": account.due}


def quota_row(quota: Quota) -> Row:
    """A quota as its row."""
    return {"buyer": quota.buyer, "year": quota.year, "reserved": quota.reserved, "used": quota.used}


def change_row(holding: Holding) -> Row:
    """What changes of an assessment after it is made."""
    return {
        "declaration_id": holding.declaration_id,
        "version": holding.version,
        "status": holding.status,
        "quota_held": holding.quota_held,
        "guarantee_held": holding.guarantee_held,
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
    """A new assessment as its row."""
    holding = made.holding
    return {
        **change_row(holding),
        "parties": holding.parties,
        "buyer": holding.buyer,
        "guarantor": holding.guarantor,
        "filed_at": holding.filed_at,
        "tax_total": holding.tax_total,
        "rule_set": made.rule_set,
        "working": _encode(made.working),
    }
