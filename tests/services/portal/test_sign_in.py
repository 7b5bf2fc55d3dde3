"""Sign-in: a token for a client's name and secret, kept where no script reads it."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from services.portal.session import COOKIE
from services.portal.signing import onward
from tests.services.portal.test_accounts import a_session
from tests.support.neighbours import Neighbours


async def test_a_sign_in_keeps_the_token_where_no_script_reads_it(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    form = {"client_id": " officer-tax ", "client_secret": "s", "next": "/accounts/AGENT00001"}

    plain = await client.post("/sign-in", data=form)
    app.state.desk.settings = replace(app.state.desk.settings, gateway_url="https://window.example")
    secured = await client.post("/sign-in", data=form, headers={"X-Forwarded-Proto": "http"})

    assert (plain.status_code, plain.headers["location"]) == (303, "/accounts/AGENT00001")
    cookie = plain.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=observer; HttpOnly; Max-Age=3")
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert "Secure" in secured.headers["set-cookie"]
    assert plain.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), 401, "do not belong together"),
        (httpx.Response(429, json={"error": "invalid_client"}), 429, "Too many wrong secrets"),
        (httpx.Response(503, json={}), 503, "Registry does not answer now"),
    ],
)
async def test_a_sign_in_that_fails_says_why_and_keeps_the_name(
    client: httpx.AsyncClient, neighbours: Neighbours, answer: httpx.Response, status: int, words: str
) -> None:
    neighbours.documents["registry", "/oauth/token"] = answer

    page = await client.post("/sign-in", data={"client_id": "officer-tax", "client_secret": "no"})

    assert page.status_code == status
    assert words in page.text
    assert 'value="officer-tax"' in page.text
    assert "set-cookie" not in page.headers


async def test_a_name_as_long_as_registry_gives_is_kept_whole(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["registry", "/oauth/token"] = httpx.Response(401, json={})
    longest = "c" * 64

    page = await client.post("/sign-in", data={"client_id": longest, "client_secret": "no"})

    assert f'value="{longest}"' in page.text
    assert 'maxlength="64"' in page.text


async def test_registry_hears_from_where_a_secret_comes(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    heard: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers["x-forwarded-for"])
        return httpx.Response(401, json={"error": "invalid_client"})

    neighbours.documents["registry", "/oauth/token"] = answer

    form = {"client_id": "officer-tax", "client_secret": "no"}
    await client.post("/sign-in", data=form, headers={"X-Forwarded-For": "203.0.113.9"})

    assert heard == ["203.0.113.9"]


@pytest.mark.parametrize("form", [{}, {"client_id": " "}, {"client_secret": "s"}])
async def test_a_form_without_a_name_asks_nobody(
    client: httpx.AsyncClient, neighbours: Neighbours, form: dict[str, str]
) -> None:
    page = await client.post("/sign-in", data=form)

    assert page.status_code == 422
    assert "Fill in the name" in page.text
    assert neighbours.asked == []


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere"}])
async def test_a_form_of_another_site_signs_nobody_in_or_out(
    client: httpx.AsyncClient, neighbours: Neighbours, headers: dict[str, str]
) -> None:
    form = {"client_id": "a", "client_secret": "b"}

    signed = await client.post("/sign-in", data=form, headers=headers)
    out = await client.post("/sign-out", headers=headers)

    assert signed.status_code == 403
    assert "set-cookie" not in signed.headers
    assert "set-cookie" not in out.headers
    assert neighbours.asked == []


async def test_a_sign_out_forgets_the_token(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-out", headers=a_session() | {"Sec-Fetch-Site": "same-origin"})

    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("wanted", "to"),
    [
        ("/quote", "/quote"),
        ("/accounts/AGENT00001", "/accounts/AGENT00001"),
        ("//elsewhere", "/accounts"),
        ("https://elsewhere/quote", "/accounts"),
        ("/quote\n", "/accounts"),
        ("/accounts/../x", "/accounts"),
        ("", "/accounts"),
    ],
)
def test_a_sign_in_leads_to_pages_of_this_site_only(wanted: str, to: str) -> None:
    assert onward(wanted) == to
