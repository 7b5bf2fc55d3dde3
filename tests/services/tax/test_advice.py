"""Advice: whose word it is that money has come."""

from __future__ import annotations

from dataclasses import replace

import httpx
from fastapi import FastAPI

from tests.services.tax.billed import BILL
from tests.services.tax.cases import GUARANTOR
from tests.services.tax.desks import SqlDesk
from tests.services.tax.test_api import OFFICER
from tests.services.tax.test_bill_api import OWN, PAID


async def test_outside_the_sandbox_nobody_confirms_a_payment_of_its_own(
    client: httpx.AsyncClient, billed: SqlDesk, tax_app: FastAPI
) -> None:
    runtime = tax_app.state.runtime
    runtime.settings = replace(runtime.settings, sandbox=False)
    deposit = {"amount": "5.00", "reference": "OWN-1"}

    paid = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)
    paid_in = await client.post(f"/v1/accounts/{GUARANTOR}/deposits", json=deposit, headers=OWN)
    by_officer = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OFFICER)

    assert [answer.status_code for answer in (paid, paid_in, by_officer)] == [403, 403, 201]
    assert paid.json()["code"] == "E-SEC-PARTY"
