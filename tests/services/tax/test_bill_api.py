"""The door of bills: who sees what, payment by bank, collection, receipts."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.doors.cursors import cursor_of
from tests.services.tax.billed import BILL, MONTH, issue, lapse, release
from tests.services.tax.cases import GUARANTOR, an_id
from tests.services.tax.desks import SqlDesk
from tests.services.tax.test_api import OFFICER, STRANGER, bearer

OWN = bearer(GUARANTOR, "accounts:read accounts:write")
PAID = {"amount": "18.20", "reference": "BANK-9"}


async def test_a_bill_is_shown_with_its_taxes_and_its_declarations(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    shown = (await client.get(f"/v1/bills/{BILL}", headers=OWN)).json()

    assert (shown["status"], shown["national_status"], shown["month"]) == ("ISSUED", 2, MONTH)
    assert (shown["total"], shown["value_added_tax"], shown["customs_duty"]) == ("18.20", "18.20", "0.00")
    assert [(item["declaration_id"], item["total"], item["kind"]) for item in shown["items"]] == [
        (an_id(1), "9.10", "TAX"),
        (an_id(2), "9.10", "TAX"),
    ]
    assert shown["items"][0]["tax_no"] == f"T{an_id(1).replace('-', '').upper()}"
    assert (shown["declarations"], shown["receipt_no"], shown["next_cursor"]) == (2, None, None)


async def test_items_come_a_page_at_a_time(client: httpx.AsyncClient, billed: SqlDesk) -> None:
    first = (await client.get(f"/v1/bills/{BILL}", params={"limit": 1}, headers=OWN)).json()
    params = {"limit": 1, "cursor": first["next_cursor"]}
    second = (await client.get(f"/v1/bills/{BILL}", params=params, headers=OWN)).json()

    assert [page["items"][0]["declaration_id"] for page in (first, second)] == [an_id(1), an_id(2)]
    assert second["next_cursor"] is None


async def test_bills_are_listed_by_declarant_month_and_status(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    async def listed(**params: str) -> list[str]:
        answer = await client.get("/v1/bills", params=params, headers=OFFICER)
        return [bill["bill_no"] for bill in answer.json()["items"]]

    assert await listed() == [BILL]
    assert await listed(declarant=GUARANTOR, month=MONTH, status="ISSUED") == [BILL]
    assert await listed(status="OPEN") == await listed(status="OVERDUE") == await listed(status="VOID") == []
    assert await listed(declarant="SELLER0001") == await listed(month="1999-01") == []


async def test_a_list_of_bills_comes_a_page_at_a_time(client: httpx.AsyncClient, billed: SqlDesk) -> None:
    await release(billed, 3)
    first = (await client.get("/v1/bills", params={"limit": 1}, headers=OWN)).json()
    params = {"limit": 1, "cursor": first["next_cursor"]}
    second = (await client.get("/v1/bills", params=params, headers=OWN)).json()

    assert [page["items"][0]["bill_no"] for page in (first, second)] == [f"{BILL[:-1]}2", BILL]
    assert second["next_cursor"] is None


async def test_a_stranger_sees_no_bill_no_ledger_and_no_receipt(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OFFICER)

    asked = [f"/v1/bills/{BILL}", f"/v1/receipts/R{BILL[1:]}", f"/v1/accounts/{GUARANTOR}/entries"]
    answers = [await client.get(path, headers=STRANGER) for path in asked]
    paying = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=STRANGER)

    assert [answer.status_code for answer in (*answers, paying)] == [404] * 4
    assert (await client.get("/v1/bills", headers=STRANGER)).json()["items"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/bills/nonsense", 404, "E-NOT-FOUND"),
        ("/v1/bills/B209913-A-A-1", 404, "E-NOT-FOUND"),
        ("/v1/receipts/nonsense", 404, "E-NOT-FOUND"),
        (f"/v1/receipts/R{BILL[1:]}", 404, "E-NOT-FOUND"),
        ("/v1/bills?cursor=nonsense", 400, "E-CURSOR"),
        ("/v1/bills?cursor=e30", 400, "E-CURSOR"),
        ("/v1/bills?cursor=%F0%9F%92%A9", 400, "E-CURSOR"),
        ("/v1/bills?month=2025-13", 422, "E-FMT-SCHEMA"),
        ("/v1/bills?status=LOST", 422, "E-FMT-SCHEMA"),
        ("/v1/bills?limit=0", 422, "E-FMT-SCHEMA"),
        ("/v1/bills?surprise=1", 400, "E-FMT-QUERY"),
        (f"/v1/bills/{BILL}?cursor=MQ==", 400, "E-CURSOR"),
        (f"/v1/bills/{BILL}?cursor={cursor_of('-' * 36 + ' 1 TAX')}", 400, "E-CURSOR"),
        (f"/v1/bills/{BILL}?cursor={cursor_of(f'{an_id(1)} 9999999999 TAX')}", 400, "E-CURSOR"),
        (f"/v1/accounts/{GUARANTOR}/entries?cursor=LTE=", 400, "E-CURSOR"),
        (f"/v1/accounts/{GUARANTOR}/entries?cursor={cursor_of('9999999999')}", 400, "E-CURSOR"),
        ("/v1/accounts/NOBODY0001/entries", 404, "E-NOT-FOUND"),
    ],
)
async def test_what_is_not_there_or_not_ours_is_refused(
    client: httpx.AsyncClient, billed: SqlDesk, path: str, status: int, code: str
) -> None:
    answer = await client.get(path, headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_payment_is_answered_with_a_receipt_and_frees_the_guarantee(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    paid = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)
    again = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)
    kept = await client.get(f"/v1/receipts/R{BILL[1:]}", headers=OWN)
    account = (await client.get(f"/v1/accounts/{GUARANTOR}", headers=OWN)).json()
    bill = (await client.get(f"/v1/bills/{BILL}", headers=OWN)).json()

    assert (paid.status_code, paid.json()["amount"], paid.json()["method"]) == (201, "18.20", "BANK")
    assert again.json() == kept.json() == paid.json()
    assert (account["due"], account["free"], account["balance"]) == ("0.00", "1000.00", "1000.00")
    assert (bill["status"], bill["receipt_no"]) == ("PAID", f"R{BILL[1:]}")


async def test_the_ledger_tells_every_movement_newest_first(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)
    path = f"/v1/accounts/{GUARANTOR}/entries"

    first = (await client.get(path, params={"limit": 2}, headers=OWN)).json()
    second = (await client.get(path, params={"limit": 2, "cursor": first["next_cursor"]}, headers=OWN)).json()

    told = [(each["kind"], each["debit"], each["credit"], each["amount"]) for each in first["items"]]
    assert told == [("PAYMENT", "bank", "due", "18.20"), ("RELEASE", "due", "levied", "18.20")]
    assert first["items"][0]["after"] == {
        "bank": "1018.20",
        "due": "0.00",
        "unsecured": "0.00",
        "guarantee": "1000.00",
        "refundable": "0.00",
        "levied": "18.20",
    }
    assert [(each["seq"], each["kind"]) for each in second["items"]] == [(1, "DEPOSIT")]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": "18.19"}, 422, "E-PAY-AMOUNT"),
        ({"amount": "18.21"}, 422, "E-PAY-AMOUNT"),
        ({"amount": "0"}, 422, "E-FMT-SCHEMA"),
        ({"amount": "-18.20"}, 422, "E-FMT-SCHEMA"),
        ({"amount": "18.200001"}, 422, "E-FMT-SCHEMA"),
        ({"amount": 10**18}, 422, "E-FMT-SCHEMA"),
        ({"amount": "NaN"}, 422, "E-FMT-SCHEMA"),
        ({"reference": ""}, 422, "E-FMT-SCHEMA"),
        ({"reference": "x" * 61}, 422, "E-FMT-SCHEMA"),
        ({"surprise": 1}, 422, "E-FMT-SCHEMA"),
    ],
)
async def test_a_payment_that_cannot_be_changes_nothing(
    client: httpx.AsyncClient, billed: SqlDesk, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.post(f"/v1/bills/{BILL}/payments", json=PAID | change, headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get(f"/v1/bills/{BILL}", headers=OFFICER)).json()["status"] == "ISSUED"


async def test_a_wrong_amount_is_told_what_is_due(client: httpx.AsyncClient, billed: SqlDesk) -> None:
    answer = await client.post(f"/v1/bills/{BILL}/payments", json=PAID | {"amount": "1"}, headers=OWN)

    assert answer.json()["amount_due"] == "18.20"


async def test_a_bill_is_paid_once_and_a_reference_stands_for_one_payment(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)
    await release(billed, 3)
    other = f"{BILL[:-1]}2"
    await issue(billed, other)

    twice = await client.post(f"/v1/bills/{BILL}/payments", json=PAID | {"reference": "B-2"}, headers=OWN)
    reused = await client.post(f"/v1/bills/{other}/payments", json=PAID | {"amount": "9.10"}, headers=OWN)

    assert (twice.status_code, twice.json()["code"]) == (409, "E-BILL-STATE")
    assert (reused.status_code, reused.json()["code"]) == (409, "E-DUP-CONFLICT")


async def test_an_open_bill_is_not_paid_until_an_officer_issues_it(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    await release(SqlDesk(tax_engine), 1, 2)

    early = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)
    not_theirs = await client.post(f"/v1/bills/{BILL}/issue", headers=OWN)
    issued = await client.post(f"/v1/bills/{BILL}/issue", headers=OFFICER)
    paid = await client.post(f"/v1/bills/{BILL}/payments", json=PAID, headers=OWN)

    assert (early.status_code, early.json()["code"]) == (409, "E-BILL-STATE")
    assert not_theirs.status_code == 403
    assert (issued.json()["status"], paid.status_code) == ("ISSUED", 201)


async def test_an_officer_collects_what_is_overdue_and_nothing_before(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    why = {"reason": "no answer to two reminders"}
    early = await client.post(f"/v1/bills/{BILL}/collection", json=why, headers=OFFICER)
    await lapse(billed)

    overdue = (await client.get("/v1/bills", params={"status": "OVERDUE"}, headers=OWN)).json()
    not_theirs = await client.post(f"/v1/bills/{BILL}/collection", json=why, headers=OWN)
    collected = await client.post(f"/v1/bills/{BILL}/collection", json=why, headers=OFFICER)
    account = (await client.get(f"/v1/accounts/{GUARANTOR}", headers=OWN)).json()

    assert (early.status_code, early.json()["code"]) == (409, "E-BILL-EARLY")
    assert [bill["bill_no"] for bill in overdue["items"]] == [BILL]
    assert (not_theirs.status_code, collected.status_code) == (403, 201)
    assert (collected.json()["method"], collected.json()["amount"]) == ("GUARANTEE", "18.20")
    assert collected.json()["note"] == why["reason"]
    assert (account["balance"], account["due"], account["free"]) == ("981.80", "0.00", "981.80")


async def test_two_bills_paid_at_once_under_one_reference_are_one_payment(
    client: httpx.AsyncClient, billed: SqlDesk
) -> None:
    await release(billed, 3, 4)
    other = f"{BILL[:-1]}2"
    await issue(billed, other)

    answers = await asyncio.gather(
        *(client.post(f"/v1/bills/{number}/payments", json=PAID, headers=OWN) for number in (BILL, other) * 4)
    )

    statuses = sorted({answer.status_code for answer in answers})
    paid = (await client.get("/v1/bills", params={"status": "PAID"}, headers=OWN)).json()["items"]
    assert (statuses, len(paid)) == ([201, 409], 1)
