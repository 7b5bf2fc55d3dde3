"""Quote page: a form that says all that is wrong at once, and every channel side by side."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.portal.calculator import Known
from services.portal.desk import PortalDesk
from services.portal.offers import compared
from services.portal.questions import EXAMPLE, LINES, form_of, place_name, wrong_with
from shared.runtime.settings import Settings
from tests.services.portal.test_accounts import a_session
from tests.services.portal.test_pages import Outline
from tests.support.neighbours import Neighbours
from tests.support.quoted import LAW, OFFER, QUOTE, a_query


@pytest.fixture
def asked(neighbours: Neighbours) -> list[dict[str, Any]]:
    """The questions that tax was asked, while it answers well."""
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json=QUOTE)

    neighbours.documents["tax", "/v1/law"] = LAW
    neighbours.documents["tax", "/v1/quotes"] = answer
    return bodies


async def test_the_example_is_filled_in_and_answered(
    client: httpx.AsyncClient, neighbours: Neighbours, asked: list[dict[str, Any]]
) -> None:
    page = (await client.get("/quote")).text

    assert 'value="3304990029"' in page
    assert "<strong>602.42</strong> CNY" in page
    assert "(320.00 + 0 + 0) x 0.13 = 41.6" in page
    assert "the channel is not for goods sent from GB" in page
    assert "Use another channel" in page
    assert "The buyer&#39;s identity number" in page
    assert "File with HEALTH or ORIGIN, valid on the day of filing, for these lines" in page
    assert ("tax", "/v1/quotes", "Bearer observer") in neighbours.asked


async def test_an_example_that_has_outlived_its_rates_is_asked_for_their_last_day(
    client: httpx.AsyncClient, neighbours: Neighbours, asked: list[dict[str, Any]]
) -> None:
    neighbours.documents["tax", "/v1/law"] = LAW | {"exchange_until": "2025-01-31"}

    await client.get("/quote")

    assert asked[0]["on"] == "2025-01-31"


@pytest.mark.parametrize(("hour", "on"), [(15, ""), (16, "2026-11-20")])
def test_on_the_last_day_with_rates_the_example_is_of_that_day_once_china_s_next_has_begun(
    hour: int, on: str
) -> None:
    known = Known.of(LAW | {"exchange_until": "2026-11-20"})

    asked = known.first_question(datetime(2026, 11, 20, hour, tzinfo=UTC))

    assert asked.head["on"] == on


async def test_what_was_typed_is_asked_as_it_is_and_what_was_left_empty_is_not(
    client: httpx.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    await client.get(f"/quote?{a_query(freight='', price=' -3 ', origin_country='fr')}")

    (line,) = asked[0]["lines"]
    assert (line["price"], line["origin_country"]) == ("-3", "FR")
    assert "freight" not in asked[0]
    assert "second_unit" not in line


async def test_every_fault_is_shown_at_its_field_and_listed_with_a_link(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["tax", "/v1/law"] = LAW
    neighbours.documents["tax", "/v1/quotes"] = httpx.Response(
        422,
        json={
            "errors": [
                {"pointer": "/lines/0/price", "code": "E-FMT-SCHEMA", "rule": "greater_than_equal"},
                {"pointer": "/to/0", "code": "E-LAW-NONE", "detail": "no law of XX", "fix": "ask for CN"},
                {"pointer": "/lines", "code": "E-X", "detail": "this is too much", "fix": "order less"},
            ]
        },
    )

    answer = await client.get(f"/quote?{a_query(price='-3')}")

    page = answer.text
    assert answer.status_code == 422
    assert "3 things to correct" in page
    assert '<a href="#lines-0-price">Goods 1, Price a unit</a>: Must be an amount such as 42.00' in page
    assert 'id="lines-0-price" aria-invalid="true" aria-describedby="lines-0-price-wrong"' in page
    assert '<p class="bad" id="to-wrong">No law of XX. Ask for CN.</p>' in page
    assert "<li>This is too much. Order less.</li>" in page
    assert 'value="-3"' in page


async def test_lines_are_added_and_dropped_without_a_script(
    client: httpx.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    endless = await client.get(f"/quote?{a_query()}&drop={'9' * 5000}")
    longer = (await client.get(f"/quote?{a_query()}&add=1")).text
    dropped = (await client.get(f"/quote?{a_query()}&{a_query(goods_code='6911101900')}&drop=0")).text

    assert endless.text.count("data-line>") == 1
    assert longer.count("data-line>") == 2
    assert 'value="6911101900"' in dropped
    assert 'value="3304990029"' not in dropped


async def test_the_page_has_landmarks_labels_and_nothing_from_elsewhere(
    client: httpx.AsyncClient, asked: list[dict[str, Any]]
) -> None:
    outline = Outline((await client.get("/quote")).text)

    assert [outline.tags.count(tag) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.styles == 0
    assert all(address.startswith(("/", "#")) for address in outline.addresses)


async def test_what_others_wrote_is_escaped(client: httpx.AsyncClient, asked: list[dict[str, Any]]) -> None:
    page = (await client.get(f"/quote?{a_query(goods_name='<script>alert(1)</script>')}")).text

    assert "<script>alert" not in page


async def test_without_tax_or_registry_the_page_says_so_and_comes_back(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    without_tax = await client.get("/quote")
    app.state.verifier.is_behind = True
    without_registry = await client.get("/quote", headers=a_session())

    assert (without_tax.status_code, without_registry.status_code) == (503, 503)
    assert "<h1>Tax does not answer</h1>" in without_tax.text
    assert "<h1>Registry does not answer</h1>" in without_registry.text


async def test_a_fault_of_tax_is_nothing_to_correct(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["tax", "/v1/law"] = LAW
    neighbours.documents["tax", "/v1/quotes"] = httpx.Response(500, json={"code": "E-SYS"})

    answer = await client.get("/quote")

    assert answer.status_code == 503
    assert "<h1>Tax does not answer</h1>" in answer.text


async def test_outside_the_sandbox_a_quote_asks_for_a_sign_in(
    client: httpx.AsyncClient, app: FastAPI, neighbours: Neighbours
) -> None:
    settings = Settings(service="portal", urls=neighbours.urls(), sandbox=False)
    app.state.desk = PortalDesk(app.state.runtime.http, settings, {})

    answer = await client.get("/quote")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/quote")


def test_a_form_takes_one_line_more_than_the_page_so_that_too_many_are_seen() -> None:
    many = form_of([("goods_code", "330499")] * 50)

    assert len(many.lines) == LINES + 1
    assert len(form_of([]).lines) == 1


def test_lines_in_which_nothing_is_typed_are_not_asked_and_shift_no_other() -> None:
    form = form_of([("goods_code", ""), ("goods_code", "330499"), ("goods_code", "")])

    assert [line["goods_code"] for line in form.body()["lines"]] == ["330499"]
    assert [line["goods_code"] for line in form.in_order(with_blanks=True).lines] == ["330499", "", ""]
    assert [line["goods_code"] for line in form.without_line(0).lines] == ["330499", ""]
    assert form_of([]).body()["lines"] == [{"unit": "piece", "first_unit": "kg"}]


def test_a_fault_of_no_field_is_told_elsewhere_and_one_without_words_too() -> None:
    wrong = wrong_with({"detail": "no such declaration", "fix": "name one"}, EXAMPLE)

    assert (wrong.at, wrong.elsewhere) == ({}, ("No such declaration. Name one.",))
    assert wrong_with(None, EXAMPLE).count == 1
    assert place_name("/lines/1/price") == "Goods 2, Price a unit"


def test_bars_are_as_long_as_their_cost_in_the_currency_asked() -> None:
    half = OFFER | {"landed_cost_in_quote_currency": "33.79", "landed_cost": "301.21"}
    half |= {"goods_value": "301.21", "freight": "0", "insurance": "0", "tax_total": "0"}

    whole, other = compared([OFFER, half], {}).cards

    assert sum(part.length for part in whole.parts) == 1000
    assert [(part.kind, part.length) for part in other.parts] == [("goods", 500)]


def test_a_closed_channel_and_free_goods_have_no_bar() -> None:
    free = OFFER | {"landed_cost": "0.00", "landed_cost_in_quote_currency": "0.00"}
    closed = OFFER | {"landed_cost": None, "landed_cost_in_quote_currency": None, "tax_total": None}

    assert [card.parts for card in compared([free, closed], {}).cards] == [(), ()]
