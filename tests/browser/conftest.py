"""A browser and a portal for all tests here; without a browser they are left out, and it is said."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.browser.stage import Stage
from tests.support.browser import Browser, find_browser

LEFT_OUT = (
    "tests/browser was left out: no Chromium here. Get one (Debian: apt-get install chromium), and it is not."
)
REQUIRED = "TEST_BROWSER"
"""`required` on CI: there a browser that is missing is a failure."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all."""
    program = find_browser()
    if not program and os.environ.get(REQUIRED) != "required":
        pytest.skip(LEFT_OUT)
    assert program, "no Chromium here, and TEST_BROWSER=required"
    browser = Browser(program)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """One portal for all."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A page by day, without cookies; nothing may have gone wrong in it when the test is over."""
    chromium.ask("Network.clearBrowserCookies")
    chromium.look_through()
    chromium.faults.clear()
    yield chromium
    assert chromium.faults == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line when these tests were left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any("tests/browser" in report.nodeid for report in skipped):
        terminalreporter.write_line(LEFT_OUT)
