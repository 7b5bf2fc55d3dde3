"""A toy room on a real database."""

from collections.abc import AsyncIterator

import pytest

from shared.runtime.unit_of_work import UnitOfWork
from tests.conftest import MakeDatabase
from tests.support.toy import toy_work


@pytest.fixture
async def work(make_database: MakeDatabase) -> AsyncIterator[UnitOfWork]:
    """The toy's unit of work on an empty database."""
    async with toy_work(make_database) as toy:
        yield toy
