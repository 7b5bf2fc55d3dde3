"""Fixtures of flows: one platform a session, its window, and the account at the end of each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.flows.auditor import Auditor
from tests.flows.platform import Platform
from tests.flows.window import Window


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """All seven services on a real broker and a real database; the usual guarantor has paid in."""
    started = Platform()
    try:
        started.start()
        _pay_in(started)
        yield started
    finally:
        started.close()


def _pay_in(platform: Platform) -> None:
    answer = httpx.post(
        f"{platform.stack.gateway_url}/v1/accounts/AGENT00001/deposits",
        json={"amount": "9000000.00", "reference": "flows"},
        headers={"Authorization": f"Bearer {platform.token('officer-tax')}"},
    )
    answer.raise_for_status()


@pytest.fixture
async def window(platform: Platform) -> AsyncIterator[Window]:
    """The gateway."""
    async with httpx.AsyncClient(base_url=platform.stack.gateway_url, timeout=30) as client:
        yield Window(client, platform)


@pytest.fixture(scope="session")
def forged() -> set[str]:
    """Subjects of which a test has put records on a topic that no service said."""
    return set()


@pytest.fixture
def auditor(platform: Platform, forged: set[str]) -> Auditor:
    """Who checks every service's books at once."""
    return Auditor(platform, forged)
