"""Doctor: every check says what it found, and a broken check hides no other."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import machine, parts
from cli.app import app
from cli.doctor import CHECKS, examine
from cli.finding import Finding
from tests.cli.stand_in import nobody_asks_a_proxy


def test_every_check_finds_something_and_knows_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_URL", "http://127.0.0.1:1")

    findings = examine()

    assert len(findings) == len(CHECKS)
    assert all(finding.detail for finding in findings)
    assert all(finding.fix for finding in findings if finding.health != "ok")


def test_a_proxy_in_the_environment_hides_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_URL", "http://127.0.0.1:1")

    with nobody_asks_a_proxy(monkeypatch):
        assert parts.running().detail == "not running"


def test_a_broken_check_is_a_finding() -> None:
    def broken() -> Finding:
        raise OSError("no such device")

    (finding,) = examine((broken,))

    assert finding.health == "missing"
    assert "no such device" in finding.detail


def test_it_speaks_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_URL", "http://127.0.0.1:1")

    result = CliRunner().invoke(app, ["doctor", "--json"])

    findings = {finding["name"]: finding for finding in json.loads(result.output)}
    assert findings["python"]["health"] == "ok"
    assert findings["window"]["detail"] == "not running"


def test_nginx_is_the_one_that_up_will_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    on_the_path = tmp_path / "nginx"
    on_the_path.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with_wheel = parts.nginx()
    monkeypatch.setattr("deploy.local.gateway.find_spec", lambda _: None)
    without = parts.nginx()
    on_the_path.unlink()
    neither = parts.nginx()

    assert with_wheel.detail == "from its wheel"
    assert without.detail == f"{on_the_path}, from the PATH"
    assert (neither.health, bool(neither.fix)) == ("missing", True)


def test_a_checkout_that_was_moved_where_no_server_can_work_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = machine.folder()
    monkeypatch.setattr("deploy.local.paths.run_root", lambda: tmp_path / "a,b; c" / "run")
    moved = machine.folder()

    assert here.health == "ok"
    assert moved.health == "missing"
    assert f"the path {tmp_path / 'a,b; c' / 'run'} holds one of" in moved.detail
    assert moved.fix == "move the checkout to another folder"
