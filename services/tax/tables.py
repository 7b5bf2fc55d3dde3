"""Tax tables: assessments and balances.

An assessment is one row a version, with its working beside it as compact JSON. Those that wait for payment are
noted in a table of their own: an index on the status would have every change of an assessment touch it. Balances
are rows of their own too, and the database itself refuses one that does not add up.
"""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

METADATA = sa.MetaData()


def _money(name: str) -> sa.Column[Decimal]:
    return sa.Column(name, sa.Numeric(19, 5), nullable=False, server_default="0")


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
    _money("tax_total"),
    _money("quota_held"),
    _money("guarantee_held"),
    sa.Column("rule_set", sa.Text, nullable=False),
    sa.Column("working", sa.LargeBinary, nullable=False),
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
    _money("tax_total"),
    sa.Index("waiting_filings_of", "guarantor", "filed_at"),
)
quotas = sa.Table(
    "quotas",
    METADATA,
    sa.Column("buyer", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    _money("reserved"),
    _money("used"),
    sa.CheckConstraint("reserved >= 0 and used >= 0", name="quotas_add_up"),
)
accounts = sa.Table(
    "accounts",
    METADATA,
    sa.Column("party", sa.Text, primary_key=True),
    _money("balance"),
    _money("reserved"),
    _money("due"),
    sa.CheckConstraint("reserved >= 0 and due >= 0 and reserved + due <= balance", name="accounts_add_up"),
)
deposits = sa.Table(
    "deposits",
    METADATA,
    sa.Column("party", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
    _money("amount"),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("amount > 0", name="deposits_are_positive"),
)
