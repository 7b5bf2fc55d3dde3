"""Audit, the command: where it looks, and how it ends when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit import auditor
from audit.breach import Breach
from audit.report import Report
from audit.where import SERVICES
from cli import audit as command
from cli import show
from cli.app import app, fault_of
from cli.faults import USAGE, Fault
from tests.support.builders import NOW

NOBODY = {f"DATABASE_URL_{name.upper()}": "postgresql://nobody@127.0.0.1:1/none" for name in SERVICES}


@pytest.fixture(autouse=True)
def nothing_runs_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*NOBODY, "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(command, "run_root", lambda: tmp_path / "none")


def test_where_nothing_has_run_there_is_no_address(tmp_path: Path) -> None:
    assert command.running_here(tmp_path) == ({}, "")


def test_a_stack_that_runs_is_found_by_its_ports(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text(json.dumps({"postgres": 5001, "kafka": 5002}))

    databases, bootstrap = command.running_here(tmp_path)

    assert databases.keys() == set(SERVICES)
    assert "/tax" in databases["tax"]
    assert bootstrap == "127.0.0.1:5002"


def test_without_an_address_it_says_which_to_set() -> None:
    result = CliRunner().invoke(app, ["audit"])

    assert isinstance(result.exception, Fault)
    assert result.exception.code == USAGE
    assert "DATABASE_URL_TAX" in result.exception.message


@pytest.mark.parametrize("name", ["lost", "."])
def test_a_file_of_promises_that_cannot_be_read_is_named_before_a_window_is_looked_for(
    name: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["audit", "--acknowledged", str(tmp_path / name)])

    assert isinstance(result.exception, OSError)
    fault = fault_of(result.exception)
    assert (fault.code, fault.message.partition(": ")[0]) == (USAGE, str(tmp_path / name))


@pytest.mark.parametrize("option", ["--json", "--markdown"])
def test_a_report_that_cannot_be_written_is_told_before_a_window_is_looked_for(
    option: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["audit", option, str(tmp_path / "lost" / "report")])

    assert isinstance(result.exception, OSError)
    assert fault_of(result.exception).message.startswith(f"{tmp_path}/lost/report: ")


def test_where_it_could_not_look_a_report_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")

    for name in ("old.json", "new.json"):
        CliRunner().invoke(app, ["audit", "--json", str(tmp_path / name)])

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("old.json", "{}")]


def test_a_broker_that_is_away_is_one_sentence() -> None:
    result = CliRunner().invoke(app, ["audit"], env={**NOBODY, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})

    assert isinstance(result.exception, Fault)
    assert result.exception.code == USAGE
    assert "the broker at 127.0.0.1:1" in result.exception.message


def test_breaches_are_said_with_whom_they_are_about(capsys: pytest.CaptureFixture[str]) -> None:
    breach = Breach("one-permit", ("id-1",), "2 permits were said")

    command.say(Report(looked_at=NOW, seconds=1.5, breaches=[breach], totals={"one-permit": 21}), show.out)

    said = capsys.readouterr().out
    assert "one-permit: 21" in said
    assert "id-1: 2 permits were said" in said
    assert "and 20 more" in said
    assert "21 breaches" in said


def test_a_document_on_standard_output_stands_there_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def looked(*_: object, **__: object) -> Report:
        return Report(looked_at=NOW, seconds=1.5, counts={"a :key: in it": 1})

    monkeypatch.setattr(auditor, "audit", looked)
    for name, address in {**NOBODY, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}.items():
        monkeypatch.setenv(name, address)

    command.audit(json=Path("-"))

    told = capsys.readouterr()
    assert json.loads(told.out)["counts"] == {"a :key: in it": 1}
    assert "all adds up" in told.err
