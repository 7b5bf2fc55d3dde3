"""Account pages: shown to who may see them, with the reader's own token, and to nobody else."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from services.portal.books import WHOLE, book_of
from services.portal.session import COOKIE
from tests.services.portal.test_pages import Outline
from tests.support.neighbours import Neighbours
from tests.support.tokens import a_token

ACCOUNT: dict[str, Any] = {
    "party": "AGENT00001",
    "balance": "2000.00",
    "due": "376.13",
    "reserved": "355.72",
    "free": "1268.15",
    "unsecured": "12.50",
    "refundable": "0.00",
    "waiting": 1,
}
HERE = "/v1/accounts/AGENT00001"
PARTS: dict[str, list[dict[str, Any]]] = {
    f"{HERE}/waiting": [
        {
            "declaration_id": "01972fde-7e80-7000-8000-000000000001",
            "version": 1,
            "filed_at": "2026-11-25T20:04:10+00:00",
            "due_at": "2026-12-10T20:04:10+00:00",
            "needed": "1300.00",
            "missing": "31.85",
        }
    ],
    f"{HERE}/deposits": [
        {
            "reference": "<b>BANK-7</b>",
            "amount": "2000.00",
            "made_by": "officer-tax",
            "made_at": "2026-11-01T08:00:00+00:00",
        }
    ],
    f"{HERE}/entries": [
        {
            "seq": 1,
            "kind": "DEPOSIT",
            "debit": "bank",
            "credit": "guarantee",
            "amount": "2000.00",
            "reference": "BANK-7",
            "recorded_at": "2026-11-01T08:00:00+00:00",
            "after": {"guarantee": "2000.00"},
        }
    ],
    "/v1/bills": [
        {
            "month": "2026-11",
            "bill_no": "B202611-AGENT00001-AGENT00001-1",
            "status": "OVERDUE",
            "declarations": 3,
            "total": "376.13",
            "guarantor": "AGENT00001",
            "due_at": "2026-12-15T16:00:00+00:00",
            "closes_at": "2026-11-30T16:00:00+00:00",
        }
    ],
}
NOT_FOUND = httpx.Response(404, json={"code": "E-NOT-FOUND"})


def a_session(
    scope: str = "reviews:tax accounts:read", party: str = "TAXOFFICE1", **changes: Any
) -> dict[str, str]:
    """The cookie of somebody who has signed in."""
    at = int(time.time())
    token = a_token(
        sub=party.lower(), party=party, scope=scope, **{"iat": at, "nbf": at, "exp": at + 600, **changes}
    )
    return {"Cookie": f"{COOKIE}={token}"}


@pytest.fixture
def told(neighbours: Neighbours) -> Neighbours:
    """Tax tells everything about an account."""
    neighbours.documents["tax", HERE] = ACCOUNT
    for path, items in PARTS.items():
        neighbours.documents["tax", path] = {"items": items, "next_cursor": None}
    return neighbours


async def test_an_account_shows_bar_holds_bills_ledger_and_deposits(
    client: httpx.AsyncClient, told: Neighbours
) -> None:
    session = a_session()

    page = (await client.get("/accounts/AGENT00001", headers=session)).text

    assert 'aria-label="Of a balance of 2000.00 yuan: 19 % due, 18 % reserved, 63 % free"' in page
    assert "01972fde-7e80-7000-8000-000000000001" in page
    assert "31.85" in page
    assert '<span class="word refused">overdue</span>' in page
    assert "Owed without security" in page
    assert "&lt;b&gt;BANK-7" in page
    token = session["Cookie"].partition("=")[2]
    assert {bearer for _, _, bearer in told.asked} == {f"Bearer {token}"}


async def test_a_part_that_is_not_told_is_named_and_the_rest_is_shown(
    client: httpx.AsyncClient, told: Neighbours
) -> None:
    del told.documents["tax", f"{HERE}/entries"]

    page = (await client.get("/accounts/AGENT00001", headers=a_session())).text

    assert "Tax did not tell its ledger just now" in page
    assert "31.85" in page


@pytest.mark.parametrize("path", ["/accounts", "/accounts/AGENT00001"])
@pytest.mark.parametrize("cookie", [{}, {"Cookie": f"{COOKIE}=forged"}, a_session(exp=int(time.time()) - 60)])
async def test_nobody_sees_an_account_without_a_good_token_not_even_in_the_sandbox(
    client: httpx.AsyncClient, told: Neighbours, path: str, cookie: dict[str, str]
) -> None:
    answer = await client.get(path, headers=cookie)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2Faccounts")
    assert told.asked == []


async def test_what_tax_does_not_show_a_reader_is_no_such_account(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    neighbours.documents["tax", HERE] = NOT_FOUND

    stranger = await client.get("/accounts/AGENT00001", headers=a_session("accounts:read", "SELLER0002"))
    odd = await client.get("/accounts/..%2Fx", headers=a_session())

    assert (stranger.status_code, odd.status_code) == (404, 404)
    assert "No such account" in stranger.text


async def test_a_fault_of_tax_denies_no_account(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    neighbours.documents["tax", HERE] = httpx.Response(500, json={"code": "E-SYS"})

    answer = await client.get("/accounts/AGENT00001", headers=a_session())

    assert answer.status_code == 503
    assert "<h1>Tax does not answer</h1>" in answer.text


async def test_an_officer_gets_a_list_and_everybody_else_the_own_account(
    client: httpx.AsyncClient, told: Neighbours
) -> None:
    told.documents["tax", "/v1/accounts"] = {"items": [ACCOUNT], "next_after": "AGENT00001"}

    officer = await client.get("/accounts?after=A", headers=a_session())
    agent = await client.get("/accounts", headers=a_session("accounts:read", "AGENT00001"))
    sought = await client.get("/accounts?party= agent00001 ", headers=a_session())

    assert 'href="/accounts/AGENT00001"' in officer.text
    assert 'href="/accounts?after=AGENT00001"' in officer.text
    assert told.queries["tax", "/v1/accounts"] == "limit=50&after=A"
    assert (agent.status_code, agent.headers["location"]) == (303, "/accounts/AGENT00001")
    assert (sought.status_code, sought.headers["location"]) == (303, "/accounts/AGENT00001")


async def test_without_tax_or_registry_a_page_says_so(
    client: httpx.AsyncClient, app: FastAPI, neighbours: Neighbours
) -> None:
    without_tax = await client.get("/accounts/AGENT00001", headers=a_session())
    app.state.verifier.is_behind = True
    without_registry = await client.get("/accounts", headers=a_session())

    assert "<h1>Tax does not answer</h1>" in without_tax.text
    assert "<h1>Registry does not answer</h1>" in without_registry.text


@pytest.mark.parametrize("path", ["/sign-in", "/accounts", "/accounts/AGENT00001", "/accounts/NOBODY"])
async def test_every_page_has_landmarks_and_nothing_from_elsewhere(
    client: httpx.AsyncClient, told: Neighbours, path: str
) -> None:
    told.documents["tax", "/v1/accounts"] = {"items": [ACCOUNT], "next_after": None}
    told.documents["tax", "/v1/accounts/NOBODY"] = NOT_FOUND

    outline = Outline((await client.get(path, headers=a_session())).text)

    assert [outline.tags.count(tag) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.styles == 0
    assert all(address.startswith(("/", "#")) for address in outline.addresses)


CENTS = st.integers(0, 10**11).map(lambda cents: Decimal(cents) / 100)


@given(due=CENTS, reserved=CENTS, free=CENTS)
def test_the_bar_fills_its_length_and_hides_nothing(due: Decimal, reserved: Decimal, free: Decimal) -> None:
    amounts = {"due": due, "reserved": reserved, "free": free}
    told = {"party": "P", "waiting": 0, "balance": str(sum(amounts.values()))}

    book = book_of(told | {name: str(amount) for name, amount in amounts.items()})

    assert sum(piece.length for piece in book.pieces) == (WHOLE if sum(amounts.values()) else 0)
    assert all(bool(piece.length) == bool(amounts[piece.kind]) for piece in book.pieces)
    assert all((piece.percent == "0 %") == (not amounts[piece.kind]) for piece in book.pieces)
