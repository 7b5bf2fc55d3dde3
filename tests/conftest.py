"""Fixtures for all: addresses of real servers, and empty databases on them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from deploy.local.databases import Database
from tests.support.backends import Backends, fresh_database, fresh_prefix

MakeDatabase = Callable[[str], Awaitable[Database]]


@pytest.fixture(scope="session")
def backends(pytestconfig: pytest.Config) -> Iterator[Backends]:
    plugins = pytestconfig.pluginmanager
    terminal, capture = plugins.getplugin("terminalreporter"), plugins.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.ensure_newline()
            terminal.write_line(line)

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
