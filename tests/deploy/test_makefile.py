"""The Makefile: an environment whose Python was upgraded is made again; what is in use is not deleted."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.paths import CHECKOUT, ODD, Root


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """One in which everything looks installed."""
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name in ("bin/pip", ".runtime"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


def to_do(checkout: Path, python: str) -> str:
    """What make would do for its packages, with a Python in .venv that is such a script."""
    (checkout / ".venv" / "bin" / "python").write_text(f"#!/bin/sh\n{python}\n")
    (checkout / ".venv" / "bin" / "python").chmod(0o755)
    done = made(checkout, "--dry-run", ".venv/.runtime", "PYTHON=python3")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_packages_that_are_found_are_not_installed_again(checkout: Path) -> None:
    assert "up to date" in to_do(checkout, "exit 0")


def test_packages_that_the_python_does_not_find_are_installed_into_an_environment_made_anew(
    checkout: Path,
) -> None:
    done = to_do(checkout, "exit 1")

    gone, made, filled = (done.index(step) for step in ("rm -rf .venv", "-m venv .venv", "--require-hashes"))
    assert gone < made < filled


@pytest.mark.parametrize(
    ("asked", "looks"),
    [((".venv/bin/pip",), 1), ((".venv/bin/pip", "PYTHON=python3"), 0), (("help",), 0)],
    ids=["wanted", "named", "not wanted"],
)
def test_a_python_is_looked_for_once_and_only_where_it_is_wanted(
    tmp_path: Path, asked: tuple[str, ...], looks: int
) -> None:
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "python.sh").write_text("echo look >>looks; echo python3\n")

    assert made(tmp_path, "--dry-run", *asked).returncode == 0

    seen = tmp_path / "looks"
    assert (seen.read_text().count("look") if seen.exists() else 0) == looks


@pytest.mark.parametrize("target", ["fresh", "clean"])
def test_what_a_window_is_using_is_not_deleted_under_it(tmp_path: Path, target: str) -> None:
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    root = Root(tmp_path / ".local" / "run")
    root.create()

    with root.lock():
        refused = made(tmp_path, target)
    assert refused.returncode != 0
    assert "end it first" in refused.stdout
    assert root.path.exists()

    assert made(tmp_path, target).returncode == 0
    assert not root.path.exists()


@pytest.mark.parametrize("odd", ODD)
def test_a_folder_in_which_no_stack_could_run_gets_no_environment(tmp_path: Path, odd: str) -> None:
    folder = tmp_path / f"a{odd}b"
    folder.mkdir()
    shutil.copy(CHECKOUT / "Makefile", folder)

    refused = made(folder, ".venv/bin/pip", "PYTHON=python3")

    assert refused.returncode != 0
    assert "cannot work in a folder" in refused.stdout
    assert not (folder / ".venv").exists()


def made(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What make did, whatever make has called these tests."""
    alone = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    return subprocess.run(
        ["make", *arguments], cwd=checkout, check=False, capture_output=True, text=True, env=alone
    )
