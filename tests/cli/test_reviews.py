"""Reviews command: who has examined one version does not decide another."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.faults import NO, USAGE, Fault
from tests.cli.stand_in import answer_instead

RUN = CliRunner()
HERE = "/v1/reviews/quarantine/D1"


class Desk:
    """A queue whose one item is of version 3; notes what is decided."""

    def __init__(self) -> None:
        self.decided: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        if request.url.path == f"{HERE}/claim":
            return httpx.Response(200, json={"version": 3, "lease_no": 71})
        if request.method == "GET":
            self.asked.append(dict(request.url.params))
            return httpx.Response(200, json={"items": [{"declaration_id": "D1"}], "next_cursor": "Mg=="})
        self.decided.append(json.loads(request.content))
        return httpx.Response(200, json={})


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    answer_instead(monkeypatch, made.answer)
    return made


def decide(*options: str) -> BaseException | None:
    asked = ["reviews", "decide", "quarantine", "D1", "pass", "--reason", "seen", *options]
    return RUN.invoke(app, asked).exception


def test_a_queue_longer_than_a_page_is_read_on_by_its_cursor(desk: Desk) -> None:
    page = RUN.invoke(app, ["reviews", "list", "quarantine", "--limit", "100"]).output
    RUN.invoke(app, ["reviews", "list", "quarantine", "--limit", "100", "--cursor", "Mg=="])

    assert "there are more: the same with --cursor Mg==" in page
    assert desk.asked == [{"limit": "100"}, {"limit": "100", "cursor": "Mg=="}]


@pytest.mark.parametrize("options", [(), ("--version", "3")])
def test_without_a_lease_the_item_is_claimed_first(desk: Desk, options: tuple[str, ...]) -> None:
    assert decide(*options) is None

    assert [(order["version"], order["lease_no"]) for order in desk.decided] == [(3, 71)]


def test_a_claim_made_before_is_taken_at_its_word(desk: Desk) -> None:
    assert decide("--version", "2", "--lease", "5") is None

    assert [(order["version"], order["lease_no"]) for order in desk.decided] == [(2, 5)]


@pytest.mark.parametrize(("options", "code"), [(("--version", "2"), NO), (("--lease", "5"), USAGE)])
def test_what_was_not_examined_is_not_decided(desk: Desk, options: tuple[str, ...], code: int) -> None:
    fault = decide(*options)

    assert isinstance(fault, Fault)
    assert fault.code == code
    assert desk.decided == []
