"""Migrated: a service's database at head, for the tests of a file or a session; and the migrations up to a point."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.databases import Database, create_database, drop_database
from shared.runtime.migrate import migrate, migrations_of
from tests.support.backends import Backends, fresh_prefix


@contextmanager
def migrated_database(backends: Backends, service: str) -> Iterator[Database]:
    """An empty database of a service with its schema; gone afterwards. For fixtures without a loop of their own."""

    async def lay() -> Database:
        database = await create_database(backends.admin_url, f"{service}_{fresh_prefix().strip('.')}")
        await migrate(service, database.owner_url)
        return database

    database = asyncio.run(lay())
    yield database
    asyncio.run(drop_database(backends.admin_url, database.name))


def migrations_before(service: str, step: str, folder: Path) -> Path:
    """A folder with those migrations of a service that come before one, which is named by how its file begins."""
    for each in migrations_of(service).glob("[0-9]*.py"):
        if each.name < step:
            shutil.copy(each, folder)
    return folder
