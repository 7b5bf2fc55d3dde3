"""Clearance's door: gates, permits, verification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.clearance.api import open_book, router
from services.clearance.signing import Keyring
from services.clearance.verification import verify
from shared.contracts.envelope import AnyEvent
from shared.runtime.doors import commands
from shared.runtime.problems import answer_problems
from shared.runtime.settings import Settings
from tests.services.clearance.words import ID, all_pass, customs, quarantine, tax, tell
from tests.support.builders import NOW, a_declaration_id
from tests.support.memory_clearance import MemoryCaseBook
from tests.support.tokens import a_verifier, bearer

SELLER = {"party": "SELLER0001"}
STRANGER = {"party": "SELLER0009", "sub": "seller0009"}
OFFICER = {"party": "CUSTOMS001", "sub": "officer-5", "roles": ["officer"], "scope": "reviews:clearance"}
TAXMAN = {"party": "TAX0000001", "sub": "officer-6", "roles": ["officer"], "scope": "reviews:tax"}
NUMBER = "SW20250001000000001"


class MemoryCommands:
    """Runs handlers on the memory book."""

    def __init__(self, book: MemoryCaseBook) -> None:
        self.book = book

    async def run(self, handler: Any, command: Any) -> Sequence[AnyEvent]:
        made: list[AnyEvent] = await handler([command], self.book, NOW)
        return made


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path)


@pytest.fixture
def book(keyring: Keyring) -> MemoryCaseBook:
    return MemoryCaseBook(keyring.current())


@pytest.fixture
async def client(book: MemoryCaseBook, keyring: Keyring) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router)
    answer_problems(app)
    app.state.keyring, app.state.verifier = keyring, a_verifier()
    app.state.runtime = SimpleNamespace(settings=Settings(service="clearance", gateway_url="http://window"))
    app.dependency_overrides[open_book] = lambda: book
    app.dependency_overrides[commands] = lambda: MemoryCommands(book)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def as_(who: dict[str, Any], **headers: str) -> dict[str, str]:
    return bearer(**who) | headers


async def test_a_party_sees_five_gates_and_who_is_awaited(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, [customs(), quarantine("HELD")])

    shown = (await client.get(f"/v1/clearance/{ID}", headers=as_(SELLER))).json()

    assert (shown["status"], shown["version"], shown["permit_no"]) == ("OPEN", 1, None)
    assert shown["awaits"] == ["tax", "quarantine", "logistics"]
    gates = [(gate["agency"], gate["status"], gate["awaits"]) for gate in shown["gates"]]
    assert gates == [
        ("customs", "PASSED", ""),
        ("tax", "HELD", "tax"),
        ("quarantine", "HELD", ""),
        ("logistics", "HELD", "logistics"),
        ("clearance", "NOT_REQUIRED", ""),
    ]
    assert shown["gates"][0]["since"] == "2025-06-02T09:00:00Z"


@pytest.mark.parametrize(
    "path", ["/v1/clearance/{}", "/v1/declarations/{}/permit", "/v1/declarations/{}/permit.pdf"]
)
async def test_what_is_another_sellers_is_as_if_it_were_not(
    client: httpx.AsyncClient, book: MemoryCaseBook, path: str
) -> None:
    await tell(book, all_pass())

    other = await client.get(path.format(ID), headers=as_(STRANGER))
    absent = await client.get(path.format(a_declaration_id(9)), headers=as_(SELLER))
    broken = await client.get(path.format("nonsense"), headers=as_(SELLER))
    nobody = await client.get(path.format(ID))

    assert [answer.status_code for answer in (other, absent, broken, nobody)] == [404, 404, 404, 401]
    assert other.json()["detail"] == absent.json()["detail"]


async def test_a_declaration_without_permit_has_none(client: httpx.AsyncClient, book: MemoryCaseBook) -> None:
    await tell(book, [customs()])

    answer = await client.get(f"/v1/declarations/{ID}/permit", headers=as_(SELLER))

    assert (answer.status_code, answer.json()["code"]) == (404, "E-NOT-FOUND")


async def test_a_permit_is_read_and_verifies_with_the_published_keys(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, all_pass())

    shown = (await client.get(f"/v1/declarations/{ID}/permit", headers=as_(SELLER))).json()
    alone = await client.get(f"/v1/declarations/{ID}/permit", headers=as_(SELLER, Accept="application/jose"))
    keys = (await client.get("/v1/permits/keys")).json()

    assert alone.headers["content-type"] == "application/jose"
    assert alone.text == shown["jws"]
    verified = verify(shown["jws"], keys)
    assert (verified.permit_no, verified.covers_sha256) == (NUMBER, shown["covers_sha256"])
    assert verified.content == shown["covers"]


async def test_the_page_is_a_pdf(client: httpx.AsyncClient, book: MemoryCaseBook) -> None:
    await tell(book, all_pass())

    page = await client.get(f"/v1/declarations/{ID}/permit.pdf", headers=as_(OFFICER))

    assert page.headers["content-type"] == "application/pdf"
    assert page.content.startswith(b"%PDF-")


async def test_anybody_may_verify_a_number_and_learns_of_nobody(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, all_pass())

    valid = (await client.get(f"/v1/permits/{NUMBER}/verification")).json()
    book.clock = NOW + timedelta(days=15)
    expired = (await client.get(f"/v1/permits/{NUMBER}/verification")).json()
    unknown = await client.get("/v1/permits/SW20250001000000099/verification")
    garbled = await client.get("/v1/permits/x';--/verification")

    assert valid["status"] == "valid"
    assert expired["status"] == "expired"
    assert (unknown.status_code, garbled.status_code) == (404, 422)
    assert valid.keys() == {
        "permit_no", "status", "issued_at", "valid_until", "covers_sha256", "key_id", "revoked_at",
    }  # fmt: skip


async def test_an_officer_of_clearance_revokes_for_all_to_see(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, all_pass())
    path, body = f"/v1/permits/{NUMBER}/revocation", {"reason": "forged invoice"}

    denied = [await client.post(path, json=body, headers=as_(who)) for who in (SELLER, TAXMAN)]
    answer = await client.post(path, json=body, headers=as_(OFFICER))
    again = await client.post(path, json=body, headers=as_(OFFICER))

    assert [answer.status_code for answer in denied] == [403, 403]
    assert (answer.status_code, answer.json()["status"]) == (201, "revoked")
    assert (again.status_code, again.json()["code"]) == (409, "E-STATE")
    seen = (await client.get(f"/v1/permits/{NUMBER}/verification")).json()
    assert (seen["status"], seen["revoked_at"]) == ("revoked", "2025-06-02T09:00:00Z")


async def test_an_officer_holds_a_declaration_with_a_reason(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, [customs(), tax()])
    path = f"/v1/clearance/{ID}/hold"

    silent = await client.post(path, json={"reason": ""}, headers=as_(OFFICER))
    gate = await client.post(path, json={"reason": "a tip was received"}, headers=as_(OFFICER))
    absent = await client.post(
        f"/v1/clearance/{a_declaration_id(9)}/hold", json={"reason": "a tip"}, headers=as_(OFFICER)
    )

    assert (silent.status_code, absent.status_code) == (422, 404)
    assert gate.status_code == 201
    assert gate.json() | {"since": None} == {
        "agency": "clearance",
        "status": "HELD",
        "since": None,
        "code": "CLEARANCE_HOLD",
        "reason": "a tip was received",
        "awaits": "clearance officer",
        "due_at": "2025-06-07T09:00:00Z",
    }
    assert ID in book.queue


async def test_officers_and_the_live_page_read_the_tally(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, [customs("HELD"), tax()])

    shown = (await client.get("/v1/clearance", headers=as_(TAXMAN))).json()
    inside = (await client.get("/internal/tally")).json()
    seller = await client.get("/v1/clearance", headers=as_(SELLER))

    assert shown == inside
    assert (shown["filed"], shown["open"], shown["permit"]) == (1, 1, 0)
    assert shown["held"] == {"customs": 1, "tax": 0, "quarantine": 0, "logistics": 0, "clearance": 0}
    assert shown["passed"] == {"customs": 0, "tax": 1, "quarantine": 0, "logistics": 0}
    assert (seller.status_code, seller.json()["scope_needed"]) == (403, "reviews:clearance")


async def test_the_live_page_reads_the_gates_of_a_list_at_once(
    client: httpx.AsyncClient, book: MemoryCaseBook
) -> None:
    await tell(book, [customs("HELD")])
    unheard = "019732f0-2a80-7000-8000-0000000000ff"
    asked = f"/internal/gates?declaration_ids={ID},{unheard},nonsense"

    officer = (await client.get(asked, headers=as_(TAXMAN))).json()
    stranger = (await client.get(asked, headers=as_(STRANGER))).json()

    assert list(officer) == [ID]
    assert officer[ID]["gates"][0]["status"] == "HELD"
    assert stranger == {}
