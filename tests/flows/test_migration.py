"""Migration: the schema of the next release comes while this one runs, and this one starts again under it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import asyncpg
from sqlalchemy.exc import DBAPIError

from shared.runtime.failures import is_transient
from shared.runtime.migrate import migrate, migrations_of
from tests.flows.auditor import Auditor
from tests.flows.filers import Filers
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.window import Window
from tests.support.addresses import database_of

NEXT = '''
"""Next: what an additive migration may do."""

from alembic import op

revision, down_revision = "9001", "{before}"


def upgrade() -> None:
    op.execute("alter table assessments add column note text not null default ''")
    op.execute("create table notes (declaration_id uuid primary key, note text not null)")
    op.execute("create index quotas_year on quotas (buyer)")
'''
UNDO = (
    "drop index quotas_year",
    "drop table notes",
    "alter table assessments drop column note",
    "update alembic_version set version_num = '{before}'",
)


def next_release(folder: Path) -> tuple[Path, str]:
    """The migrations of tax and one more; and the last revision before it."""
    shutil.copytree(migrations_of("tax"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = max(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))
    (folder / "9001_next.py").write_text(NEXT.format(before=before))
    return folder, before


async def is_migrated(platform: Platform, folder: Path) -> bool:
    """One try, as a starting service does it: dead-locked with running work, it is tried again."""
    try:
        await migrate("tax", platform.stack.owner_url("tax"), folder)
    except DBAPIError as error:
        if is_transient(error):
            return False
        raise
    return True


async def test_the_release_before_works_on_and_starts_again_under_the_next_schema(
    platform: Platform, window: Window, auditor: Auditor, tmp_path: Path
) -> None:
    folder, before = next_release(tmp_path / "migrations")
    filers, pid = Filers(window), platform.stack.pids()["tax"]
    filing = asyncio.create_task(filers.run(twice=False))
    await filers.wait_for(0.2)

    await until(lambda: is_migrated(platform, folder))
    await filers.wait_for(0.6)
    platform.kill("tax")
    await filing
    await asyncio.to_thread(platform.wait_ready)

    assert platform.stack.pids()["tax"] != pid
    await auditor.check(filers.ids, seconds=60)
    database = await asyncpg.connect(database_of(platform.stack.admin_url, "tax"))
    assert await database.fetchval("select version_num from alembic_version") == "9001"
    for step in UNDO:
        await database.execute(step.format(before=before))
    await database.close()
