"""Permit commands: where a permit was written is told as it is called, and can be typed again."""

from __future__ import annotations

import shlex
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli import permits
from cli.app import app
from tests.cli.stand_in import answer_instead

DOCUMENTS = {
    "/oauth/token": {"access_token": "t"},
    "/v1/declarations/D1/permit": {"permit_no": "SW1", "jws": "a.b.c"},
    "/v1/permits/keys": {"keys": []},
}


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cli.show.out", Console(width=400, highlight=False, soft_wrap=True))
    monkeypatch.setattr(permits, "KEYS", tmp_path / "keys.json")
    answer_instead(monkeypatch, lambda asked: httpx.Response(200, json=DOCUMENTS[asked.url.path]))


@pytest.mark.parametrize("name", ["my permits/SW 1.json", "a[/red]b/SW1.json"])
def test_a_permit_s_file_is_told_as_it_is_called_and_in_a_command_that_finds_it(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / name

    told = CliRunner().invoke(app, ["permit", "fetch", "D1", "--out", str(file)])

    assert told.exit_code == 0, told.exception
    assert file.exists()
    assert f"written: {file}\n" in told.output
    command = told.output.splitlines()[-1].partition(": ")[2]
    assert shlex.split(command) == ["./sw", "permit", "verify", str(file)]
