"""Account door: who waits, what was paid in, and who may know."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.books.guarantee import PAYMENT_TERM
from shared.contracts.tax import TaxAssessed
from tests.services.tax.cases import GUARANTOR, a_filing, a_line, an_id
from tests.services.tax.desks import SqlDesk, hear, pay
from tests.services.tax.test_api import OFFICER, SELLER, STRANGER, bearer
from tests.support.builders import NOW

HERE = f"/v1/accounts/{GUARANTOR}"
OWN = bearer(GUARANTOR, "accounts:read")


async def test_who_waits_is_told_in_order_with_what_is_missing(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "10.00")
    later = NOW + timedelta(hours=1)
    await hear(
        desk, a_filing(a_line("300.00"), number=1, filed_at=later), a_filing(a_line("200.00"), number=2)
    )

    waiting = (await client.get(f"{HERE}/waiting", headers=OWN)).json()["items"]
    first = (await client.get(f"{HERE}/waiting?limit=1", headers=OFFICER)).json()["items"]

    assert [each["declaration_id"] for each in waiting] == [an_id(2), an_id(1)]
    assert [(each["needed"], each["missing"]) for each in waiting] == [("18.20", "8.20"), ("27.30", "17.30")]
    assert waiting[0]["due_at"] == (NOW + PAYMENT_TERM).isoformat().replace("+00:00", "Z")
    assert first == waiting[:1]


async def test_the_reason_of_a_hold_leads_the_guarantor_and_nobody_else_to_what_is_missing(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "5.00")
    (said,) = await hear(desk, a_filing(a_line("100.00")))

    assert isinstance(said, TaxAssessed)
    place = said.gate.reason.rpartition("GET ")[2]
    by_guarantor = await client.get(place, headers=OWN)
    by_seller = await client.get(place, headers=SELLER)

    assert by_guarantor.json()["items"][0]["missing"] == "4.10"
    assert (by_seller.status_code, by_seller.json()["code"]) == (404, "E-NOT-FOUND")


async def test_deposits_are_told_with_their_references(
    client: httpx.AsyncClient, tax_engine: AsyncEngine
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "10.00")
    await pay(desk, "5.50", "BANK-2")

    items = (await client.get(f"{HERE}/deposits", headers=OWN)).json()["items"]

    assert {(each["reference"], each["amount"]) for each in items} == {
        ("BANK-1", "10.00"),
        ("BANK-2", "5.50"),
    }


async def test_officers_page_through_all_accounts(client: httpx.AsyncClient, tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "10.00")
    await hear(desk, a_filing(a_line("300.00"), guarantor="ZZZ"), a_filing(a_line("300.00"), number=2))

    whole = (await client.get("/v1/accounts", headers=OFFICER)).json()
    first = (await client.get("/v1/accounts?limit=1", headers=OFFICER)).json()
    rest = (await client.get(f"/v1/accounts?after={GUARANTOR}&limit=1", headers=OFFICER)).json()

    assert [(each["party"], each["waiting"]) for each in whole["items"]] == [(GUARANTOR, 1), ("ZZZ", 1)]
    assert (whole["next_after"], first["next_after"]) == (None, GUARANTOR)
    assert (rest["items"], rest["next_after"]) == (whole["items"][1:], None)


@pytest.mark.parametrize("path", [f"{HERE}/waiting", f"{HERE}/deposits"])
async def test_anothers_account_is_absent_and_so_is_one_that_never_was(
    client: httpx.AsyncClient, tax_engine: AsyncEngine, path: str
) -> None:
    await pay(SqlDesk(tax_engine), "10.00")

    stranger = await client.get(path, headers=STRANGER)
    nobody = await client.get(path.replace(GUARANTOR, "NOBODY"), headers=OFFICER)

    assert stranger.json()["code"] == nobody.json()["code"] == "E-NOT-FOUND"


@pytest.mark.parametrize("after", ["%00", "A-1"])
async def test_the_list_of_accounts_goes_on_after_a_party_and_nothing_else(
    client: httpx.AsyncClient, after: str
) -> None:
    answer = await client.get(f"/v1/accounts?after={after}", headers=OFFICER)

    assert (answer.status_code, answer.json()["code"]) == (422, "E-FMT-SCHEMA")


async def test_the_list_of_accounts_is_for_tax_officers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/accounts", headers=OWN)

    assert (answer.status_code, answer.json()["code"]) == (403, "E-SEC-SCOPE")
