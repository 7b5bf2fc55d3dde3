"""Tax tables: assessments and balances.

An assessment is one row a version, with its working beside it as compact JSON. Those that wait for payment are
noted in a table of their own: an index on the status would have every change of an assessment touch it. Balances
are rows of their own too, and the database itself refuses one that does not add up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()


def money(name: str) -> sa.Column[Decimal]:
    """An amount in CNY."""
    return sa.Column(name, sa.Numeric(19, 5), nullable=False, server_default="0")


def _quantity(name: str) -> sa.Column[Decimal]:
    """A quantity in the unit that the row names; a gram of five digits is a kilogram of eight."""
    return sa.Column(name, sa.Numeric(19, 8), nullable=False, server_default="0")


LATER_ASSESSMENTS: tuple[sa.Column[Any], ...] = (
    sa.Column("declarant", sa.Text),
    *(sa.Column(tax, sa.Numeric(19, 5)) for tax in ("customs_duty", "consumption_tax", "value_added_tax")),
    sa.Column("bill_no", sa.Text, nullable=False, server_default=""),
    money("refunded"),
)
LATER_ACCOUNTS: tuple[sa.Column[Any], ...] = (
    *(money(book) for book in ("unsecured", "refundable", "bank", "levied")),
    sa.Column("entries", sa.Integer, nullable=False, server_default="0"),
)
"""What migration 0002 added. A release without them writes neither: they are empty, or as they were."""
assessments = sa.Table(
    "assessments",
    METADATA,
    sa.Column("declaration_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("parties", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("buyer", sa.Text, nullable=False),
    sa.Column("guarantor", sa.Text, nullable=False),
    sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    money("tax_total"),
    money("quota_held"),
    money("guarantee_held"),
    sa.Column("rule_set", sa.Text, nullable=False),
    sa.Column("working", sa.LargeBinary, nullable=False),
    *LATER_ASSESSMENTS,
    sa.Column("noted", sa.LargeBinary),
    sa.CheckConstraint("tax_total >= 0 and quota_held >= 0", name="assessments_held"),
    sa.CheckConstraint("guarantee_held in (0, tax_total)", name="assessments_secured"),
)
waiting_filings = sa.Table(
    "waiting_filings",
    METADATA,
    sa.Column("declaration_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("guarantor", sa.Text, nullable=False),
    sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
    money("tax_total"),
    sa.Index("waiting_filings_of", "guarantor", "filed_at"),
)
quotas = sa.Table(
    "quotas",
    METADATA,
    sa.Column("buyer", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    money("reserved"),
    money("used"),
    sa.CheckConstraint("reserved >= 0 and used >= 0", name="quotas_add_up"),
)
year_notes = sa.Table(
    "year_notes",
    METADATA,
    sa.Column("buyer", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("goods", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    _quantity("reserved"),
    _quantity("used"),
    sa.CheckConstraint("reserved >= 0 and used >= 0", name="year_notes_add_up"),
)
accounts = sa.Table(
    "accounts",
    METADATA,
    sa.Column("party", sa.Text, primary_key=True),
    money("balance"),
    money("reserved"),
    money("due"),
    *LATER_ACCOUNTS,
    sa.CheckConstraint("reserved >= 0 and due >= 0 and reserved + due <= balance", name="accounts_add_up"),
)
deposits = sa.Table(
    "deposits",
    METADATA,
    sa.Column("party", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
    money("amount"),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("amount > 0", name="deposits_are_positive"),
)
refunds = sa.Table(
    "refunds",
    METADATA,
    sa.Column("declaration_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("request_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    money("tax_total"),
    money("quota"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("tax_total >= 0 and quota >= 0", name="refunds_are_amounts"),
)
