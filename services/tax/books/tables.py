"""Bill tables: ledger, bills, items, payments.

Ledger, items and payments only grow: the database refuses to change or delete their rows (`migrations`).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.tax.books.entries import BOOKS, MOVES
from services.tax.tables import METADATA, money

_UUID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)
_TAXES = ("customs_duty", "consumption_tax", "value_added_tax")


def _recorded_at() -> sa.Column[datetime]:
    """The moment of the transaction."""
    return sa.Column("recorded_at", _MOMENT, nullable=False, server_default=sa.func.now())


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


entries = sa.Table(
    "entries",
    METADATA,
    _text("party", key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    _text("kind"),
    _text("debit"),
    _text("credit"),
    money("amount"),
    _text("reference"),
    _recorded_at(),
    *(money(book) for book in BOOKS),
    sa.CheckConstraint("amount > 0 and seq > 0", name="entries_move_something"),
    sa.CheckConstraint(
        "(kind, debit, credit) in ("
        + ", ".join(f"('{kind}', '{debit}', '{credit}')" for kind, debit, credit in MOVES)
        + ")",
        name="entries_are_moves",
    ),
    sa.CheckConstraint("bank + due + unsecured = guarantee + refundable + levied", name="entries_balance"),
    sa.CheckConstraint(" and ".join(f"{book} >= 0" for book in BOOKS), name="entries_owe_nothing_less"),
)
bills = sa.Table(
    "bills",
    METADATA,
    _text("bill_no", key=True),
    _text("declarant"),
    _text("guarantor"),
    _text("month"),
    sa.Column("number", sa.Integer, nullable=False),
    _text("status"),
    *(money(tax) for tax in _TAXES),
    money("secured"),
    money("refunded"),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("closes_at", _MOMENT, nullable=False),
    *(sa.Column(name, _MOMENT) for name in ("issued_at", "due_at", "overdue_at", "paid_at")),
    sa.UniqueConstraint("declarant", "guarantor", "month", "number", name="bills_of_a_month"),
    sa.CheckConstraint(
        "(status = 'OPEN' and issued_at is null and paid_at is null) or "
        "(status = 'ISSUED' and issued_at is not null and due_at is not null and paid_at is null) or "
        "(status = 'PAID' and issued_at is not null and paid_at is not null)",
        name="bills_go_forward",
    ),
    sa.CheckConstraint(
        " and ".join(f"{tax} >= 0" for tax in _TAXES)
        + " and secured >= 0 and refunded >= 0"
        + f" and greatest(secured, refunded) <= {' + '.join(_TAXES)}",
        name="bills_add_up",
    ),
    sa.Index("bills_of_declarant", "declarant", "bill_no"),
    sa.Index("bills_of_guarantor", "guarantor", "bill_no"),
)
bill_items = sa.Table(
    "bill_items",
    METADATA,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    _text("kind", key=True),
    sa.Column("entry", sa.Integer, primary_key=True),
    _text("party"),
    _text("bill_no"),
    *(money(tax) for tax in _TAXES),
    sa.Column("is_secured", sa.Boolean, nullable=False),
    _recorded_at(),
    sa.CheckConstraint("kind in ('TAX', 'VOID', 'REFUND')", name="bill_items_are_of_a_kind"),
    sa.CheckConstraint(" and ".join(f"{tax} >= 0" for tax in _TAXES), name="bill_items_are_amounts"),
    sa.Index("bill_items_of", "bill_no", "declaration_id"),
)
payments = sa.Table(
    "payments",
    METADATA,
    _text("channel", key=True),
    _text("reference", key=True),
    sa.Column("bill_no", sa.Text, nullable=False, unique=True),
    _text("method"),
    money("amount"),
    _text("made_by"),
    _text("note"),
    sa.Column("parties", sa.ARRAY(sa.Text), nullable=False),
    _recorded_at(),
    sa.CheckConstraint("amount > 0", name="payments_are_positive"),
)
withdrawals = sa.Table(
    "withdrawals",
    METADATA,
    _text("party", key=True),
    _text("kind", key=True),
    _text("reference", key=True),
    money("amount"),
    _text("reason"),
    _text("made_by"),
    _recorded_at(),
    sa.CheckConstraint("amount > 0 and kind in ('PAYOUT', 'CORRECTION')", name="withdrawals_are_positive"),
)
GROWING = (entries, bill_items, payments, withdrawals)
"""Whose rows stay as they are."""
