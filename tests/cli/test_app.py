"""App: how a command ends whose output cannot be written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.app import fault_of
from cli.faults import USAGE


def sw_into(place: str, *words: str) -> tuple[int, str]:
    """The exit code of a command whose output goes to a place, and what it says of that."""
    command = [sys.executable, "-m", "cli", *words]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path(place).open("w") as into:
        ended = subprocess.run(
            command, stdout=into, stderr=subprocess.PIPE, text=True, check=False, env=buffered
        )
    return ended.returncode, ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the kernel has no full device")
@pytest.mark.parametrize("words", [("example",), ("law", "check"), ("--help",)], ids=" ".join)
def test_output_that_finds_no_room_is_one_sentence(words: tuple[str, ...]) -> None:
    code, said = sw_into("/dev/full", *words)

    assert code == USAGE
    assert said.startswith("the output cannot be written: No space left on device\n")
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("closed", ["1>&-", "2>&-"])
def test_output_that_is_closed_goes_nowhere(closed: str) -> None:
    command = f'"{sys.executable}" -m cli example {closed}'
    ended = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_another_error_of_the_system_is_not_blamed_on_the_output() -> None:
    with pytest.raises(OSError, match="reset"):
        fault_of(OSError(errno.ECONNRESET, "reset"))


def test_a_python_that_lost_its_packages_is_a_sentence_that_brings_them_back() -> None:
    without_packages = [sys.executable, "-S", "-m", "cli", "doctor"]

    ended = subprocess.run(without_packages, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "`make .venv/.runtime`" in ended.stderr
