"""Migrations: a room's Alembic versions, run by the owner role.

Under an advisory lock, so that replicas starting together migrate once; Alembic is not even imported when the
schema is at head. A migration is additive: the version before it goes on running while it is applied.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.runtime.database import open_engine
from shared.runtime.heads import transaction_time
from shared.runtime.partitions import lay_partitions
from shared.runtime.telemetry import log

LONGEST = 600.0
"""Seconds that a statement of a migration may take."""
_LOCK = sa.text("select pg_advisory_xact_lock(hashtext('single-window-migrations'))")


def migrations_of(service: str) -> Path:
    """The folder of a room's Alembic versions."""
    spec = importlib.util.find_spec(f"services.{service}")
    if spec is None or spec.origin is None:
        raise LookupError(f"no service is called {service}")
    return Path(spec.origin).parent / "migrations"


def head_of(folder: Path) -> str:
    """The newest revision: files are called <revision>_<what>.py."""
    return max(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))


async def migrate(service: str, owner_url: str, folder: Path | None = None) -> None:
    """Bring a service's schema to head and lay the partitions of the months ahead.

    A schema that is ahead is left alone: the next release is being rolled out, and this one may have to start again.
    """
    folder = folder or migrations_of(service)
    engine = open_engine(owner_url, pool_size=1, name=f"{service}-migrate", patience=LONGEST)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text(f"set local statement_timeout = '{LONGEST:.0f}s'"))
            await connection.execute(_LOCK)
            if (await current_revision(connection) or "") < head_of(folder):
                await connection.run_sync(_upgrade, folder)
                log("migrate").info("schema at head", revision=head_of(folder))
            await lay_partitions(connection, await transaction_time(connection))
    finally:
        await engine.dispose()


async def current_revision(connection: AsyncConnection) -> str | None:
    """The revision the database is at; None when it is empty."""
    there = await connection.execute(sa.text("select to_regclass('alembic_version') is not null"))
    if not there.scalar_one():
        return None
    found = await connection.execute(sa.text("select version_num from alembic_version"))
    revision: str | None = found.scalar_one_or_none()
    return revision


def _upgrade(connection: sa.Connection, folder: Path) -> None:
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory(str(folder), version_locations=[str(folder)])

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # (what alembic's own command calls)

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, transaction_per_migration=False)
        environment.run_migrations()
