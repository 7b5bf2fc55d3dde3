"""Payouts and corrections: an officer lets money leave an account, once a reference, and no more than is there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.services.tax.billed import issue, kinds, release, settle, vat
from tests.services.tax.cases import GUARANTOR, yuan
from tests.services.tax.desks import SqlDesk
from tests.services.tax.test_api import OFFICER
from tests.services.tax.test_bill_api import OWN

PAYOUTS, CORRECTIONS = f"/v1/accounts/{GUARANTOR}/payouts", f"/v1/accounts/{GUARANTOR}/corrections"
WISH = {"amount": "9.10", "reference": "OUT-1", "reason": "goods went back"}
WRONG = {"reference": "BANK-1", "reason": "entered for another party"}


@pytest.fixture
async def refunded(tax_engine: AsyncEngine) -> SqlDesk:
    """Goods went back after their bill of 18.20 was paid: 9.10 is to be given back."""
    desk = SqlDesk(tax_engine)
    await release(desk, 1, 2)
    await issue(desk, now=datetime.now(UTC))
    await settle(desk, "18.20")
    await desk.refund(1, vat("9.10"), yuan("100.00"))
    return desk


async def test_what_is_to_be_given_back_is_paid_out_once_a_reference(
    client: httpx.AsyncClient, refunded: SqlDesk
) -> None:
    answers = await asyncio.gather(*(client.post(PAYOUTS, json=WISH, headers=OFFICER) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert answers[0].json()["refundable"] == "0.00"
    assert (await kinds(refunded))[-2:] == [("REFUND", yuan("9.10")), ("PAYOUT", yuan("9.10"))]


async def test_a_deposit_that_never_came_is_taken_back(client: httpx.AsyncClient, refunded: SqlDesk) -> None:
    taken = await client.post(CORRECTIONS, json=WRONG, headers=OFFICER)
    again = await client.post(CORRECTIONS, json=WRONG, headers=OFFICER)

    assert (taken.status_code, taken.json()["balance"]) == (201, "0.00")
    assert again.json() == taken.json()
    assert (await kinds(refunded))[-1] == ("CORRECTION", yuan("1000.00"))


async def test_a_deposit_that_was_taken_back_is_not_entered_again_in_silence(
    client: httpx.AsyncClient, refunded: SqlDesk
) -> None:
    await client.post(CORRECTIONS, json=WRONG, headers=OFFICER)
    deposit = {"amount": "1000.00", "reference": "BANK-1"}

    again = await client.post(f"/v1/accounts/{GUARANTOR}/deposits", json=deposit, headers=OFFICER)

    assert (again.status_code, again.json()["code"]) == (409, "E-DUP-CONFLICT")
    assert again.json()["detail"] == "deposit BANK-1 was taken back"


async def test_a_deposit_that_secures_something_stays(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    await release(SqlDesk(tax_engine), 1)

    answer = await client.post(CORRECTIONS, json=WRONG, headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (409, "E-ACCOUNT-SHORT")
    assert answer.json()["available"] == "990.90"


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        (PAYOUTS, WISH | {"amount": "9.11"}, OFFICER, 409, "E-ACCOUNT-SHORT"),
        (PAYOUTS, WISH | {"amount": "0"}, OFFICER, 422, "E-FMT-SCHEMA"),
        (PAYOUTS, WISH | {"reason": " "}, OFFICER, 422, "E-FMT-SCHEMA"),
        (PAYOUTS, WISH, OWN, 403, "E-SEC-SCOPE"),
        (CORRECTIONS, WRONG, OWN, 403, "E-SEC-SCOPE"),
        (CORRECTIONS, WRONG | {"reference": "BANK-404"}, OFFICER, 404, "E-NOT-FOUND"),
        ("/v1/accounts/NOSUCH0001/payouts", WISH, OFFICER, 404, "E-NOT-FOUND"),
    ],
)
async def test_what_may_not_leave_stays(
    client: httpx.AsyncClient,
    refunded: SqlDesk,
    path: str,
    body: dict[str, Any],
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await client.post(path, json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await kinds(refunded))[-1][0] == "REFUND"


async def test_a_reference_with_another_amount_is_a_conflict(
    client: httpx.AsyncClient, refunded: SqlDesk
) -> None:
    await client.post(PAYOUTS, json=WISH | {"amount": "1.00"}, headers=OFFICER)

    answer = await client.post(PAYOUTS, json=WISH, headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (409, "E-DUP-CONFLICT")
