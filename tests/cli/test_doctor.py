"""Doctor: every check says what it found, and a broken check hides no other."""

import json

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.doctor import CHECKS, examine
from cli.finding import Finding


def test_every_check_finds_something_and_knows_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SW_URL", "http://127.0.0.1:1")

    findings = examine()

    assert len(findings) == len(CHECKS)
    assert all(finding.detail for finding in findings)
    assert all(finding.fix for finding in findings if finding.health != "ok")


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
