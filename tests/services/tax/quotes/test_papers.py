"""Papers: what a quote says of certificates, which is quarantine's to say."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from tests.services.tax.quotes.test_door import BODY, LINE, QUOTES
from tests.services.tax.test_api import SELLER


async def test_a_quote_for_china_says_which_papers_quarantine_asks_for(client: httpx.AsyncClient) -> None:
    meat = LINE | {"goods_code": "0201100000", "origin_country": "NZ", "first_unit": "kg", "unit": "kg"}

    plain = (await client.post(QUOTES, json=BODY, headers=SELLER)).json()
    asked = (await client.post(QUOTES, json=BODY | {"lines": [LINE, meat]}, headers=SELLER)).json()

    assert plain["requirements"] == []
    assert plain["certificates"].startswith("China's quarantine asks for no papers")
    (required,) = asked["requirements"]
    assert (required["rule"], required["line_nos"]) == ("meat_needs_health_and_factory", [2])
    assert asked["away"] == []


async def test_other_countries_papers_are_not_guessed(client: httpx.AsyncClient) -> None:
    answer = (await client.post(QUOTES, json=BODY | {"to": ["DE"]}, headers=SELLER)).json()

    assert (answer["requirements"], answer["away"]) == ([], [])
    assert "not kept here" in answer["certificates"]


async def test_a_quote_without_quarantine_says_that_papers_are_not_known(
    client: httpx.AsyncClient, tax_app: FastAPI
) -> None:
    tax_app.state.runtime.http = httpx.AsyncClient(transport=httpx.MockTransport(_away))

    answer = (await client.post(QUOTES, json=BODY, headers=SELLER)).json()

    assert (answer["away"], answer["requirements"]) == (["quarantine"], [])
    assert "not known" in answer["certificates"]
    assert answer["offers"]


def _away(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away")
