"""Tax's door: who sees what, and a deposit that lets a waiting filing pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.handlers import DEADLINES, on_declarations_submitted
from shared.runtime.timers import run_due
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.cases import GUARANTOR, a_filing, a_line, a_permit, an_id, back
from tests.services.tax.desks import SqlDesk, hear
from tests.support import tokens

DEPOSITS = f"/v1/accounts/{GUARANTOR}/deposits"
FUNDS = {"amount": "100.00", "reference": "BANK-1"}


def bearer(party: str, scope: str) -> dict[str, str]:
    return tokens.bearer(sub=party.lower(), party=party, scope=scope)


SELLER = bearer("SELLER0001", "declarations:read accounts:read")
STRANGER = bearer("SELLER0002", "declarations:read accounts:read accounts:write")
OFFICER = bearer("TAXOFFICE1", "reviews:tax accounts:read accounts:write")


async def test_a_party_reads_lines_trace_and_law_of_its_declaration(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    await client.post(DEPOSITS, json=FUNDS, headers=OFFICER)
    await hear(SqlDesk(tax_engine), a_filing(a_line("300.00"), freight="20.00"))

    answer = await client.get(f"/v1/assessments/{an_id(1)}", headers=SELLER)

    (version,) = answer.json()["versions"]
    assert (version["status"], version["tax_total"], version["tariff"]) == (
        "SECURED",
        "29.12",
        "tariff-cn-demo",
    )
    assert version["rule_set"]["name"] == "CN-CBEC-2019-01-01"
    assert version["rule_set"]["source"].endswith("49/2018")
    assert version["lines"][0]["value_added_tax"] == "29.12"
    assert version["trace"][-1] == "total = 29.12"


async def test_a_party_reads_what_a_return_has_given_back(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    await client.post(DEPOSITS, json=FUNDS, headers=OFFICER)
    await hear(SqlDesk(tax_engine), a_filing(a_line("300.00"), freight="20.00"))
    await hear(SqlDesk(tax_engine), a_permit())
    await hear(SqlDesk(tax_engine), back((1, "1", "1")))

    answer = await client.get(f"/v1/assessments/{an_id(1)}", headers=SELLER)

    (version,) = answer.json()["versions"]
    (refund,) = version["refunds"]
    assert (version["tax_total"], version["quota_held"]) == ("29.12", "0.00")
    assert (refund["tax_total"], refund["quota_returned"]) == ("29.12", "320.00")
    assert refund["lines"][0]["quantity"] == "1"
    assert refund["lines"][0]["value_added_tax"] == "29.12"


@pytest.mark.parametrize("declaration_id", [an_id(1), an_id(9), "not-an-id"])
async def test_what_is_anothers_or_absent_is_not_found(
    client: httpx.AsyncClient, tax_engine: AsyncEngine, declaration_id: str
) -> None:
    await hear(SqlDesk(tax_engine), a_filing(a_line("300.00")))

    answer = await client.get(f"/v1/assessments/{declaration_id}", headers=STRANGER)

    assert (answer.status_code, answer.json()["code"]) == (404, "E-NOT-FOUND")


async def test_a_deposit_lets_a_waiting_filing_pass(
    client: httpx.AsyncClient, tax_engine: AsyncEngine, work: UnitOfWork
) -> None:
    filing = a_filing(a_line("300.00"), freight="20.00")
    await SqlDesk(tax_engine).run(on_declarations_submitted, [filing], now=datetime.now(UTC))

    paid = await client.post(DEPOSITS, json=FUNDS, headers=OFFICER)
    again = await client.post(DEPOSITS, json=FUNDS, headers=OFFICER)
    await run_due(work, DEADLINES)
    after = await client.get(f"/v1/accounts/{GUARANTOR}", headers=OFFICER)

    assert (paid.status_code, paid.json()["waiting"], paid.json()["free"]) == (201, 1, "100.00")
    assert again.json() == paid.json()
    assert after.json() == {
        "party": GUARANTOR,
        "balance": "100.00",
        "reserved": "29.12",
        "due": "0.00",
        "unsecured": "0.00",
        "refundable": "0.00",
        "free": "70.88",
        "waiting": 0,
    }
    async with tax_engine.connect() as connection:
        said = (await connection.execute(sa.text("select type, cause_source from facts"))).all()
    assert [tuple(fact) for fact in said] == [("tax.secured.v1", "timer")]


async def test_a_reference_with_another_amount_is_a_conflict(client: httpx.AsyncClient) -> None:
    await client.post(DEPOSITS, json=FUNDS, headers=OFFICER)

    answer = await client.post(DEPOSITS, json=FUNDS | {"amount": "99.00"}, headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (409, "E-DUP-CONFLICT")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (FUNDS, STRANGER, 404),
        (FUNDS, SELLER, 403),
        (FUNDS, {}, 401),
        (FUNDS | {"amount": "-1"}, OFFICER, 422),
        (FUNDS | {"amount": "0.001"}, OFFICER, 422),
        (FUNDS | {"amount": "1e400"}, OFFICER, 422),
        (FUNDS | {"amount": "NaN"}, OFFICER, 422),
        (FUNDS | {"amount": 10**18}, OFFICER, 422),
        (FUNDS | {"amount": "1_000"}, OFFICER, 422),
        (FUNDS | {"amount": "1e2"}, OFFICER, 422),
        (FUNDS | {"amount": " 5"}, OFFICER, 422),
        (FUNDS | {"amount": "+5"}, OFFICER, 422),
        (FUNDS | {"amount": "٥"}, OFFICER, 422),
        (FUNDS | {"amount": True}, OFFICER, 422),
        (FUNDS | {"reference": "a\0b"}, OFFICER, 422),
        (FUNDS | {"surprise": 1}, OFFICER, 422),
    ],
)
async def test_a_deposit_that_may_not_be_or_cannot_be_changes_nothing(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    answer = await client.post(DEPOSITS, json=body, headers=headers)

    assert answer.status_code == status
    assert (await client.get(f"/v1/accounts/{GUARANTOR}", headers=OFFICER)).status_code == 404


async def test_a_deposit_to_a_party_that_registry_has_not_opens_no_account(client: httpx.AsyncClient) -> None:
    unknown = "/v1/accounts/NOSUCH0001"

    answer = await client.post(f"{unknown}/deposits", json=FUNDS, headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (404, "E-NOT-FOUND")
    assert "PUT /v1/parties/NOSUCH0001" in answer.json()["fix"]
    assert (await client.get(unknown, headers=OFFICER)).status_code == 404


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"amount":"100.00","reference":"BANK-1","amount":"900.00"}', 422),
        (b'{"amount":"100.00","reference":"BANK-1","refer\\u0065nce":"BANK-2"}', 422),
        (b'{"amount":NaN,"reference":"BANK-1"}', 400),
        (b'{"amount":%b,"reference":"BANK-1"}' % (b"9" * 5000), 400),
        (b'{"a":' * 50_000, 400),
    ],
)
async def test_a_body_that_two_readers_would_take_otherwise_is_refused(
    client: httpx.AsyncClient, raw: bytes, status: int
) -> None:
    answer = await client.post(DEPOSITS, content=raw, headers={**OFFICER, "Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (status, "E-FMT-SCHEMA")
    assert (await client.get(f"/v1/accounts/{GUARANTOR}", headers=OFFICER)).status_code == 404


async def test_a_json_number_is_paid_in_to_the_cent(client: httpx.AsyncClient) -> None:
    raw = b'{"amount":100000000000.01,"reference":"BANK-1"}'
    headers = {**OFFICER, "Content-Type": "application/json"}

    answer = await client.post(DEPOSITS, content=raw, headers=headers)

    assert answer.json()["balance"] == "100000000000.01"


async def test_an_account_is_seen_by_its_guarantor_and_by_no_other(client: httpx.AsyncClient) -> None:
    await client.post(DEPOSITS, json=FUNDS, headers=OFFICER)
    own = bearer(GUARANTOR, "accounts:read")

    assert (await client.get(f"/v1/accounts/{GUARANTOR}", headers=own)).status_code == 200
    assert (await client.get(f"/v1/accounts/{GUARANTOR}", headers=SELLER)).status_code == 404
    assert (await client.get("/v1/accounts/no+such", headers=OFFICER)).status_code == 422


async def test_a_slash_too_many_is_not_there_and_leads_nowhere_else(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/accounts/{GUARANTOR}/", headers={**OFFICER, "Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (404, "E-NOT-FOUND")
    assert "location" not in answer.headers
