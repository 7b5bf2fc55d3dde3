"""Backups: who ends them too early is told what finishes them."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from cli import backups
from cli.faults import INTERRUPTED, NO, USAGE, Fault
from deploy.local.paths import Root
from tests.cli.test_commands import run_main


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    """A folder with a database, in place of the window's."""
    monkeypatch.setattr(backups, "run_root", lambda: tmp_path)
    (tmp_path / "postgres").mkdir()
    return Root(tmp_path)


async def half_of_it(root: Root) -> None:
    root.rebuilding.touch()
    raise RuntimeError("Kafka did not answer")


async def until_it_is_interrupted(root: Root) -> None:
    root.rebuilding.touch()
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.Event().wait()


async def nothing_of_it() -> None:
    raise RuntimeError("4 brokers")


def test_what_fails_half_way_names_what_finishes_it(root: Root) -> None:
    with pytest.raises(Fault, match="Kafka did not answer") as ended:
        backups._do(half_of_it(root))

    assert (ended.value.fix, ended.value.code) == ("`./sw rebuild-topics` finishes what was begun", NO)


def test_who_interrupts_it_half_way_is_told_what_finishes_it(root: Root) -> None:
    with pytest.raises(Fault, match="interrupted") as ended:
        backups._do(until_it_is_interrupted(root))

    assert (ended.value.fix, ended.value.code) == (
        "`./sw rebuild-topics` finishes what was begun",
        INTERRUPTED,
    )


@pytest.mark.usefixtures("root")
def test_what_was_never_begun_needs_no_finishing() -> None:
    with pytest.raises(Fault) as ended:
        backups._do(nothing_of_it())

    assert ended.value.fix == ""


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("count", "bound"), [("4", "less than or equal to 3"), ("-1", "greater than or equal to 0")]
)
def test_a_number_of_brokers_out_of_range_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], count: str, bound: str
) -> None:
    assert run_main(monkeypatch, "rebuild-topics", "--brokers", count) == USAGE

    assert bound in capsys.readouterr().err
