"""Passed: what each gate let pass, counted once from the cases that are there; from here on it is kept."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_FORGET = "delete from tallies where name like 'passed.%'"
_COUNT = """
insert into tallies (name, slot, n)
select 'passed.' || word.key, 0, count(*)
from (select convert_from(body, 'UTF8')::jsonb as body from cases) kept,
  jsonb_each(kept.body -> 'standings' -> (kept.body ->> 'version') -> 'words') word
where word.value -> 'gate' ->> 'status' in ('PASSED', 'NOT_REQUIRED')
  and (kept.body -> 'standings' -> (kept.body ->> 'version') ->> 'filed_at' is not null
    or (kept.body ->> 'superseded')::integer > 0)
group by word.key
"""


def upgrade() -> None:
    """Count."""
    op.execute(_FORGET)
    op.execute(_COUNT)
