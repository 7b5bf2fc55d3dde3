"""Books: whose fault it is when a look breaks off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from audit import books
from audit.where import CouldNotLook, Where
from tests.support.builders import NOW

WHERE = Where(databases={"tax": "postgresql://nobody@127.0.0.1:1/none"}, bootstrap="127.0.0.1:1")


class Still:
    """A connection to a database in which nothing moves."""

    async def execute(self, _query: str) -> None: ...

    async def fetchval(self, _query: str) -> datetime:
        return NOW

    async def close(self) -> None: ...


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(*_: Any) -> Still:
        return Still()

    monkeypatch.setattr(books, "connect", connect)


async def test_a_connection_that_breaks_is_a_database_that_went_away() -> None:
    with pytest.raises(CouldNotLook, match="a database went away"):
        async with books.open_books(WHERE):
            raise ConnectionResetError


async def test_a_file_that_is_lost_meanwhile_is_not_laid_at_a_database() -> None:
    with pytest.raises(FileNotFoundError):
        async with books.open_books(WHERE):
            raise FileNotFoundError(2, "No such file or directory", "ids")
