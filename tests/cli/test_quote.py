"""Quote command: the channels side by side in a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.faults import Fault
from services.tax.law.force import law
from services.tax.quotes.asked import QuoteIn
from services.tax.quotes.offers import offers
from services.tax.quotes.shown import OfferOut, QuoteOut
from tests.cli.stand_in import answer_instead
from tests.support.quoted import REQUIREMENT

RUN = CliRunner()
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _window(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that answers quotes as the tax service would."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t"})
        question = QuoteIn.model_validate_json(request.content).question(None)
        made = [OfferOut.of(offer) for offer in offers(question, law(), NOW)]
        said: dict[str, Any] = {"certificates": "quarantine asks", "requirements": [REQUIREMENT], "away": []}
        whole = QuoteOut(quoted_at=NOW, law=law().digest, offers=made, **said)
        return httpx.Response(200, text=whole.model_dump_json())

    answer_instead(monkeypatch, answer)


def test_the_example_is_quoted_without_a_file() -> None:
    made = RUN.invoke(app, ["quote"])

    assert made.exit_code == 0, made.output
    assert {"CN", "DE", "GB"} <= set(made.output.split())
    assert made.output.count("cheapest") == 3
    assert "quarantine asks" in made.output
    assert "cosmetics_need_a_paper" in made.output


def test_a_question_is_read_from_standard_input() -> None:
    body = json.loads(RUN.invoke(app, ["quote", "--json"]).output)
    question = {
        "to": ["JP"],
        "dispatch_country": "GB",
        "currency": "JPY",
        "lines": [
            {
                "goods_code": "950300",
                "origin_country": "GB",
                "quantity": 1,
                "unit": "piece",
                "first_quantity": 1,
                "first_unit": "piece",
                "price": 20000,
            }
        ],
    }

    made = RUN.invoke(app, ["quote", "-", "--json"], input=json.dumps(question))

    assert len(body["offers"]) > 3
    assert {offer["country"] for offer in json.loads(made.output)["offers"]} == {"JP"}


def test_what_is_no_json_is_a_sentence() -> None:
    made = RUN.invoke(app, ["quote", "-"], input="{")

    assert isinstance(made.exception, Fault)
    assert "cannot be read as JSON" in made.exception.message
