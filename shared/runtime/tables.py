"""The runtime's tables: the same in every service's database.

heads    one row a subject (declaration): locked first, counts what was heard and said
facts    what this service has said, append-only, as it was said
waiting  what came early, and what cannot be handled, with its cause
outbox   facts that Kafka will not bring again and that are not said yet
timers   deadlines: due rows become commands
reviews  open work for officers
"""

from __future__ import annotations

import sqlalchemy as sa

from shared.contracts.topics import SOURCES

METADATA = sa.MetaData()
_UUID = sa.Uuid(as_uuid=False)
_MOMENT = sa.DateTime(timezone=True)


def _count(name: str, default: int) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=str(default))


heads = sa.Table(
    "heads",
    METADATA,
    sa.Column("subject_id", _UUID, primary_key=True),
    _count("next_seq", 1),
    _count("version", 0),
    _count("closed_through", 0),
    _count("waiting", 0),
    *(_count(f"heard_{source}", 0) for source in SOURCES),
)
facts = sa.Table(
    "facts",
    METADATA,
    sa.Column("subject_id", _UUID, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("cause_source", sa.Text, nullable=False),
    sa.Column("cause_seq", sa.Integer, nullable=False),
    sa.Column("recorded_at", _MOMENT, nullable=False),
    sa.Column("traceparent", sa.Text, nullable=False),
    # They come nearly in order of time, so it is enough to know of each megabyte from when until when its facts are.
    # Without autosummarize what came since the last vacuum, a fifth of a table, would be read for every slice.
    sa.Index(
        "facts_recorded",
        "recorded_at",
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 128, "autosummarize": "on"},
    ),
)
waiting = sa.Table(
    "waiting",
    METADATA,
    sa.Column("subject_id", _UUID, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("traceparent", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("error_class", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("since", _MOMENT, nullable=False),
    sa.Index("waiting_state", "state", "since"),
)
outbox = sa.Table(
    "outbox",
    METADATA,
    sa.Column("subject_id", _UUID, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("due_at", _MOMENT, nullable=False),
    sa.Index("outbox_due", "due_at"),
)
timers = sa.Table(
    "timers",
    METADATA,
    sa.Column("subject_id", _UUID, primary_key=True),
    sa.Column("command", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("due_at", _MOMENT, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("timers_due", "due_at"),
)
reviews = sa.Table(
    "reviews",
    METADATA,
    sa.Column("declaration_id", _UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("parties", sa.ARRAY(sa.Text), nullable=False),
    sa.Column("opened_at", _MOMENT, nullable=False),
    sa.Column("due_at", _MOMENT, nullable=False),
    sa.Column("lease_no", sa.Integer, nullable=False),
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("lease_until", _MOMENT),
    sa.Index("reviews_due", "due_at", "declaration_id"),
)
