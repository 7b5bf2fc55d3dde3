"""Fixtures for all: addresses of real servers, and empty databases on them."""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.local.databases import Database
from tests.support.backends import Backends, fresh_database, fresh_prefix

MakeDatabase = Callable[[str], Awaitable[Database]]

FLOWS = Path(__file__).parent / "flows"

# A terminal's, or one that readline made up: the command line prints here as into a pipe.
os.environ.pop("COLUMNS", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the tests: all flows go to one, for they share a window; a file stays together."""
    for item in items:
        together = FLOWS if FLOWS in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(together)))


@pytest.fixture(scope="session")
def backends(pytestconfig: pytest.Config) -> Iterator[Backends]:
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{line}", file=sys.stderr)  # noqa: T201 - of several processes, one alone has a reporter

    started = Backends(say)
    yield started
    started.close()


@pytest.fixture
def bootstrap(backends: Backends) -> str:
    """The address of a real broker."""
    return backends.bootstrap


@pytest.fixture
def admin_url(backends: Backends) -> str:
    """A superuser's address of a real PostgreSQL."""
    return backends.admin_url


@pytest.fixture
def topic_prefix() -> str:
    """Put before topics and groups, it keeps tests apart on one broker."""
    return fresh_prefix()


@pytest.fixture
async def make_database(admin_url: str) -> AsyncIterator[MakeDatabase]:
    """`await make_database("tax")`: empty, with owner and runtime role, dropped after the test."""
    async with AsyncExitStack() as made:

        async def make(service: str) -> Database:
            return await made.enter_async_context(fresh_database(admin_url, service))

        yield make
