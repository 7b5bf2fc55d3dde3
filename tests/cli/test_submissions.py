"""Submit command: which line was refused, and what is told of those before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.faults import AWAY, NO, Fault
from tests.cli.stand_in import answer_instead

RUN = CliRunner()
GOOD, BAD = '{"mode": "standard"}', "{bad"
BUSY = httpx.Response(429, json={"code": "E-BUSY", "detail": "too many at once"})
Judge = Callable[[bytes], httpx.Response]


def judged(body: bytes) -> httpx.Response:
    """What is JSON is taken in."""
    try:
        json.loads(body)
    except ValueError:
        return httpx.Response(422, json={"code": "E-FMT-SCHEMA", "detail": "it is no JSON", "errors": []})
    return httpx.Response(202, json={"declaration_id": "D1", "replayed": False})


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> list[Judge]:
    """Who judges what is filed: the first of a list, as often as it is filed."""
    judges: list[Judge] = [judged]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        return judges[0](request.content)

    answer_instead(monkeypatch, answer)
    return judges


def a_file(tmp_path: Path, *lines: str) -> str:
    """The path of a file of these lines."""
    path = tmp_path / "filings.ndjson"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("door")
def test_the_line_that_was_refused_is_named(tmp_path: Path) -> None:
    made = RUN.invoke(app, ["submit", a_file(tmp_path, GOOD, "", BAD, GOOD)])

    told = [line for line in made.output.splitlines() if not line.startswith(" ")]
    assert made.exit_code == NO
    assert told == ["filed D1", "line 3: E-FMT-SCHEMA it is no JSON", "filed D1"]


@pytest.mark.usefixtures("door")
def test_as_json_every_answer_of_many_has_its_line(tmp_path: Path) -> None:
    made = RUN.invoke(app, ["submit", a_file(tmp_path, GOOD, BAD), "--json"])

    assert [(each["line"], each["status"]) for each in json.loads(made.output)] == [(1, 202), (2, 422)]


@pytest.mark.usefixtures("door")
def test_one_document_has_no_line_of_its_own(tmp_path: Path) -> None:
    made = RUN.invoke(app, ["submit", a_file(tmp_path, "{", BAD)])
    document = RUN.invoke(app, ["submit", a_file(tmp_path, GOOD), "--json"])

    assert "line" not in made.output
    assert "line" not in json.loads(document.output)


@pytest.mark.parametrize("json_wanted", [[], ["--json"]], ids=["text", "json"])
def test_a_line_that_ends_it_is_named_and_those_before_it_are_told(
    door: list[Judge], tmp_path: Path, json_wanted: list[str]
) -> None:
    door[0] = lambda body: BUSY if b"second" in body else judged(body)

    made = RUN.invoke(app, ["submit", a_file(tmp_path, GOOD, '{"mode": "second"}', GOOD), *json_wanted])

    assert isinstance(made.exception, Fault)
    assert (made.exception.code, made.exception.message) == (AWAY, "line 2: E-BUSY: too many at once")
    assert made.output.count("D1") == (1 if json_wanted else 2)
