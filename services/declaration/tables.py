"""Tables of the room.

declarations  a filed version, never updated: what is asked by, what is shown (JSON), the document as kept
taken_keys    natural keys and Idempotency-Keys, and whose they are
outcomes      what became of a version, insert-only
requests      amendments, cancellations and returns, with clearance's answers
parties       the local copy of registry's parties
tallies       how many filings the door refused; a row a connection's slot, as in clearance
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
_UUID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _later(name: str) -> sa.Column[str]:
    """A text of a later migration: whoever does not know it yet leaves it empty."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


declarations = sa.Table(
    "declarations",
    METADATA,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("filed_at", _MOMENT, nullable=False),
    _text("platform"),
    _text("order_no"),
    sa.Column("parties", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("summary", sa.LargeBinary, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Index("declarations_order_no", "order_no"),
    sa.Index("declarations_parties", "parties", postgresql_using="gin"),
)
taken_keys = sa.Table(
    "taken_keys",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("declaration_id", _UUID, nullable=False),
    _text("content_hash"),
    sa.Column("expires_at", _MOMENT),
)
# The last word counts by time; but a revoked permit never comes back, whatever the clock of another server says.
outcomes = sa.Table(
    "outcomes",
    METADATA,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("outcome", sa.Text, primary_key=True),
    sa.Column("at", _MOMENT, nullable=False),
    _text("code"),
    _text("reason"),
    _text("permit_no"),
    sa.Index(
        "outcomes_unusual", "outcome", "declaration_id", postgresql_where=sa.text("outcome <> 'PERMITTED'")
    ),
)
requests = sa.Table(
    "requests",
    METADATA,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("request_id", _UUID, primary_key=True),
    _text("kind"),
    sa.Column("based_on_version", sa.Integer, nullable=False),
    sa.Column("requested_at", _MOMENT, nullable=False),
    _text("requested_by"),
    _text("reason"),
    _text("state"),
    sa.Column("answered_at", _MOMENT),
    _text("code"),
    _text("detail"),
    sa.Column("event", sa.LargeBinary, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    _text("buyer_ending"),
    _text("risk"),
    sa.Column("keys", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("lines", sa.LargeBinary, nullable=False, server_default=""),
    _later("pointer"),
    _later("rule"),
    _later("fix"),
    _later("source"),
    sa.Column("back_by", _MOMENT),
)
tallies = sa.Table(
    "tallies",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)
parties = sa.Table(
    "parties",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    _text("name"),
    sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("heard_at", _MOMENT, nullable=False),
)
