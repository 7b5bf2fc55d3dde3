"""Money commands: an account with its ledger; bills listed, shown, paid."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.cli.stand_in import answer_instead

RUN = CliRunner()
BILL = "B202511-AGENT00001-AGENT00001-1"
TAXES = {"customs_duty": "0.00", "consumption_tax": "0.00", "value_added_tax": "18.20", "total": "18.20"}
SHOWN = {
    **TAXES,
    "bill_no": BILL,
    "status": "ISSUED",
    "secured": "18.20",
    "declarations": 2,
    "closes_at": "2025-11-30T16:00:00Z",
    "due_at": "2025-12-15T16:00:00Z",
}
RECEIPT = {
    "receipt_no": f"R{BILL[1:]}",
    "bill_no": BILL,
    "amount": "18.20",
    "method": "BANK",
    "reference": "BANK-9",
    "recorded_at": "2025-12-02T01:02:03Z",
}
ACCOUNT = {
    "party": "AGENT00001",
    "balance": "1000.00",
    "reserved": "0.00",
    "due": "18.20",
    "free": "981.80",
    "unsecured": "0.00",
    "refundable": "0.00",
    "waiting": 0,
}
ENTRY = {
    "seq": 2,
    "recorded_at": "2025-11-25T01:02:03Z",
    "kind": "RELEASE",
    "debit": "due",
    "credit": "levied",
    "amount": "18.20",
    "reference": BILL,
}
ANSWERS: dict[str, Any] = {
    "GET /v1/accounts/AGENT00001": ACCOUNT,
    "GET /v1/accounts/AGENT00001/entries": {"items": [ENTRY], "next_cursor": "Mg=="},
    "GET /v1/bills": {"items": [SHOWN], "next_cursor": None},
    f"GET /v1/bills/{BILL}": {
        **SHOWN,
        "items": [{"declaration_id": "D1", "kind": "TAX", **TAXES}],
        "next_cursor": None,
    },
    f"POST /v1/bills/{BILL}/payments": RECEIPT,
    f"GET /v1/receipts/R{BILL[1:]}": RECEIPT,
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """What the window was asked."""
    made: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        made.append(request)
        return httpx.Response(200, json=ANSWERS[f"{request.method} {request.url.path}"])

    answer_instead(monkeypatch, answer)
    return made


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["account", "AGENT00001"], ["free 981.80", "RELEASE", "levied", "the same with --cursor Mg=="]),
        (["bills", "list", "--status", "ISSUED"], [BILL, "18.20", "due_at (UTC)", "2025-12-15 16:00:00"]),
        (["bills", "show", BILL], ["value_added_tax 18.20", "D1", "ISSUED, due 2025-12-15 16:00:00 UTC"]),
        (["bills", "pay", BILL, "--amount", "18.20", "--reference", "BANK-9"], [f"R{BILL[1:]}", "BANK-9"]),
        (["bills", "receipt", f"R{BILL[1:]}"], ["18.20", "BANK BANK-9", "2025-12-02 01:02:03 UTC"]),
    ],
)
def test_money_is_told_to_people(asked: list[httpx.Request], words: list[str], told: list[str]) -> None:
    made = RUN.invoke(app, words)

    assert made.exit_code == 0, made.output
    assert [text for text in told if text not in made.output] == []


def test_filters_go_with_the_question_and_empty_ones_do_not(asked: list[httpx.Request]) -> None:
    RUN.invoke(app, ["bills", "list", "--declarant", "AGENT00001", "--month", "2025-11"])

    assert dict(asked[0].url.params) == {"declarant": "AGENT00001", "month": "2025-11", "limit": "20"}


@pytest.mark.parametrize(
    "words", [["account", "AGENT00001"], ["bills", "list"], ["bills", "show", BILL]], ids=" ".join
)
def test_what_does_not_fit_on_a_page_is_on_the_one_that_its_cursor_names(
    asked: list[httpx.Request], words: list[str]
) -> None:
    made = RUN.invoke(app, [*words, "--cursor", "Mg==", "--limit", "100"])

    assert made.exit_code == 0, made.output
    assert dict(asked[-1].url.params) == {"limit": "100", "cursor": "Mg=="}


def test_a_payment_says_the_amount_as_it_was_typed(asked: list[httpx.Request]) -> None:
    RUN.invoke(app, ["bills", "pay", BILL, "--amount", "18.20", "--reference", "BANK-9"])

    assert json.loads(asked[0].content) == {"amount": "18.20", "reference": "BANK-9"}


def test_json_is_what_the_window_said(asked: list[httpx.Request]) -> None:
    made = RUN.invoke(app, ["bills", "list", "--json"])

    assert json.loads(made.output) == ANSWERS["GET /v1/bills"]
