"""Watch: a folder of law that changes under a running service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.tax.law import force
from services.tax.watch import LawWatch
from tests.services.tax.law.folders import a_folder
from tests.services.tax.law.test_force import CLOSED, NEXT, NOON, OPEN, changed, forget


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of law that is in force."""
    path = a_folder(tmp_path)
    force.open_folder(path, NOON)
    yield path
    forget()


def on_new_year() -> str:
    """The rule set of retail import on a day to come."""
    return force.law().china.on(date(2099, 1, 1)).rule_sets["cbec"].name


async def test_a_change_of_law_is_taken_up_while_the_service_runs(folder: Path) -> None:
    watch = LawWatch(folder)
    changed(folder, OPEN, CLOSED.format("2098-12-31"))
    changed(folder, "# --- The postal route", NEXT.replace("2027", "2099"))

    await watch.look()

    assert on_new_year() == "CN-CBEC-2099-01-01"


async def test_a_broken_change_is_refused_until_it_is_mended(folder: Path) -> None:
    watch = LawWatch(folder)
    changed(folder, 'factor = "0.70"', 'factor = "7"')

    await watch.look()
    refused = force.refused()
    changed(folder, 'factor = "7"', 'factor = "0.70"')
    await watch.look()

    assert refused.startswith("cn.toml, line ")
    assert force.refused() == ""
    assert on_new_year() == "CN-CBEC-2019-01-01"


async def test_a_folder_that_has_not_changed_is_not_read_again(folder: Path) -> None:
    watch, before = LawWatch(folder), force.law()

    await watch.look()

    assert force.law() is before


async def test_the_watch_ends_when_the_service_stops(folder: Path) -> None:
    watch = LawWatch(folder)

    await watch.open(None)
    await watch.close(None)

    assert force.refused() == ""
