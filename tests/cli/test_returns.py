"""Return command: asked for, answered, listed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli import returns
from cli.app import app
from cli.faults import USAGE, Fault
from cli.returns import answered, read_line
from tests.cli.stand_in import answer_instead

RUN = CliRunner()
AT = "/v1/declarations/D1"
ASKED: dict[str, Any] = {
    "request_id": "R1",
    "state": "PENDING",
    "back_by": None,
    "links": {"self": f"{AT}/requests/R1"},
}
ADMITTED = {**ASKED, "state": "ADMITTED", "back_by": "2026-12-10T16:00:00Z"}
REFUSED = {
    **ASKED,
    "state": "REFUSED",
    "code": "E-RETURN-WINDOW",
    "detail": "too late",
    "fix": "it cannot be returned",
}
DONE = {
    **ADMITTED,
    "state": "COMPLETED",
    "lines": [{"line_no": 1, "quantity": "2"}],
    "code": "",
    "detail": "",
    "refund": {"tax_total": "57.88", "quota_returned": "636.00"},
}


class Window:
    """Answers with what it is given; notes what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        self.asked.append(request)
        return httpx.Response(200, json=self.answers[f"{request.method} {request.url.path}"])


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Window:
    made = Window()
    answer_instead(monkeypatch, made.answer)
    monkeypatch.setattr(returns, "PAUSE", 0.001)
    made.answers[f"POST {AT}/returns"] = ASKED
    return made


def test_a_return_is_asked_for_and_its_answer_told(window: Window) -> None:
    window.answers[f"GET {AT}/requests/R1"] = ADMITTED

    words = ["return", "D1", "--line", "1=2", "--line", "3=0.5", "--reason", "too small", "--key", "k"]
    made = RUN.invoke(app, words)

    assert made.exit_code == 0, made.output
    assert "ADMITTED" in made.output
    assert "before 2026-12-10 16:00:00 UTC" in made.output
    assert json.loads(window.asked[0].content) == {
        "lines": [{"line_no": 1, "quantity": "2"}, {"line_no": 3, "quantity": "0.5"}],
        "reason": "too small",
    }
    assert window.asked[0].headers["idempotency-key"] == "k"


def test_a_refusal_is_told_with_its_fix_and_ends_with_one(window: Window) -> None:
    window.answers[f"GET {AT}/requests/R1"] = REFUSED

    made = RUN.invoke(app, ["return", "D1", "--line", "1=2", "--reason", "too small"])

    assert made.exit_code == 1
    for text in ("E-RETURN-WINDOW", "too late", "it cannot be returned"):
        assert text in made.output


def test_without_lines_the_returns_are_listed(window: Window) -> None:
    window.answers[f"GET {AT}/returns"] = {"declaration_id": "D1", "items": [DONE], "away": []}

    made = RUN.invoke(app, ["return", "D1"])

    assert made.exit_code == 0, made.output
    for text in ("COMPLETED", "1=2", "57.88", "636.00"):
        assert text in made.output


def test_json_is_what_the_window_said(window: Window) -> None:
    window.answers[f"GET {AT}/requests/R1"] = ADMITTED

    made = RUN.invoke(app, ["return", "D1", "--line", "1=2", "--reason", "too small", "--json"])

    assert json.loads(made.output) == ADMITTED


@pytest.mark.parametrize("text", ["1", "one=2", "1=two", "1=1e3", "=", "1=", "=1", "1 = 2"])
def test_a_line_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    with pytest.raises(Fault) as caught:
        read_line(text)

    assert caught.value.code == USAGE


def test_an_answer_that_does_not_come_is_told_as_it_stands() -> None:
    slept: list[float] = []

    assert answered(lambda _: ASKED, ASKED, slept.append)["state"] == "PENDING"
    assert sum(slept) == pytest.approx(returns.PATIENCE, abs=1)
