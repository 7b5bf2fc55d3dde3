"""Returns at the door: taken, refused with their place, answered; the same on the fake and on real tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.declaration import handlers, returns
from services.declaration.returns import RequestReturn
from services.declaration.store import SqlDeclarations
from shared.contracts.clearance import (
    PermitIssued,
    PermitRevoked,
    RequestRefused,
    ReturnAdmitted,
    ReturnCompleted,
    ReturnLapsed,
)
from shared.contracts.declaration import ReturnRequested
from shared.kernel.goods import ReturnedLine, ReturnedPart
from shared.kernel.refusal import Refusal
from tests.services.declaration.calls import AGENT, OFFICER, STRANGER, as_, count, post
from tests.services.declaration.calls import a_filing as a_submission
from tests.services.declaration.filings import CANCELLED, ONE, REQUEST, Store, a_filing, about, filed, wanted
from tests.support.builders import NOW

PERMIT = about(
    PermitIssued,
    permit_no="SW1",
    filed_at=NOW,
    issued_at=NOW,
    valid_until=NOW,
    covers_sha256="0" * 64,
    key_id="key",
)
ONE_OF_TWO = (ReturnedLine(line_no=1, quantity=Decimal(1)),)
PARTS = (ReturnedPart(line_no=1, quantity=Decimal(1), declared=Decimal(2)),)


async def released(store: Store) -> None:
    await filed(store, a_filing())
    await handlers.on_permits_issued([PERMIT], store, NOW)


async def ask(store: Store, lines: tuple[ReturnedLine, ...] = ONE_OF_TWO, **changes: Any) -> list[Any]:
    wish = wanted("return", based_on_version=0, lines=lines, **changes)
    return await returns.on_returns_requested([RequestReturn(declaration_id=ONE, wanted=wish)], store, NOW)


async def refused(store: Store, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await ask(store, **changes)
    return caught.value


async def test_a_return_is_asked_of_the_released_version(store: Store) -> None:
    await released(store)

    (said,) = await ask(store)

    assert isinstance(said, ReturnRequested)
    assert (said.version, said.request_id, said.lines) == (1, REQUEST, ONE_OF_TWO)
    assert said.requested_at == NOW


async def test_several_returns_may_be_asked_for_before_one_is_answered(store: Store) -> None:
    await released(store)
    await ask(store)

    assert len(await ask(store, request_id="019732f0-2a80-7000-8000-0000000000aa")) == 1


@pytest.mark.parametrize("party", ["SELLER0002", "CARRIER001", "PAYMENT001"])
async def test_only_who_trades_or_files_may_return(store: Store, party: str) -> None:
    await released(store)

    assert (await refused(store, party=party)).status == 404


@pytest.mark.parametrize("party", ["AGENT00001", "SELLER0001", "PLATFORM01"])
async def test_declarant_seller_and_platform_may(store: Store, party: str) -> None:
    await released(store)

    assert await ask(store, party=party)


async def test_nothing_goes_back_before_its_release_nor_after_another_end(store: Store) -> None:
    await filed(store, a_filing())
    assert (await refused(store)).code == "E-STATE"

    await handlers.on_declarations_cancelled([CANCELLED], store, NOW)

    assert (await refused(store)).code == "E-STATE"


async def test_nothing_goes_back_under_a_revoked_permit(store: Store) -> None:
    await released(store)
    revoked = about(PermitRevoked, permit_no="SW1", officer="o", reason="in error")
    await handlers.on_permits_revoked([revoked], store, NOW + timedelta(seconds=1))

    assert "REVOKED" in (await refused(store)).detail


@pytest.mark.parametrize(
    ("quantity", "line_no", "code", "pointer"),
    [
        ("3", 1, "E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("0", 1, "E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("1", 9, "E-RETURN-LINE", "/lines/0/line_no"),
    ],
)
async def test_lines_are_as_declared_and_every_fault_is_told(
    store: Store, quantity: str, line_no: int, code: str, pointer: str
) -> None:
    await released(store)
    lines = (
        ReturnedLine(line_no=line_no, quantity=Decimal(quantity)),
        ReturnedLine(line_no=50, quantity=NOTHING),
    )

    refusal = await refused(store, lines=lines)

    assert (refusal.status, refusal.code) == (422, code)
    assert refusal.faults[0].pointer == pointer
    assert [fault.pointer for fault in refusal.faults[1:]] == ["/lines/1/line_no"]


NOTHING = Decimal(0)


# --- at the door ---


async def released_at_the_door(client: httpx.AsyncClient, engine: AsyncEngine) -> str:
    """A filing with its permit; its address."""
    answer = await post(client, a_submission())
    permit = replace(PERMIT, declaration_id=answer.json()["declaration_id"])
    async with engine.begin() as connection:
        await handlers.on_permits_issued([permit], SqlDeclarations(connection), NOW)
    return str(answer.headers["location"])


BODY = {"lines": [{"line_no": 1, "quantity": "1"}], "reason": "it does not fit"}
KEY = {"Idempotency-Key": "return-1"}


async def test_a_return_said_again_under_its_key_is_the_same_request(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)
    headers = as_(AGENT, **KEY)

    first = await client.post(f"{location}/returns", json=BODY, headers=headers)
    again = await client.post(
        f"{location}/returns",
        json={"reason": "it does not fit", "lines": [{"line_no": 1, "quantity": 1.0}]},
        headers=headers,
    )
    other = await client.post(f"{location}/returns", json={**BODY, "reason": "changed"}, headers=headers)

    assert [first.status_code, again.status_code] == [202, 202], first.text
    assert again.json()["request_id"] == first.json()["request_id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "E-IDEM-REUSED")
    assert first.json()["based_on_version"] == again.json()["based_on_version"] == 1
    assert first.json()["lines"] == [{"line_no": 1, "quantity": "1"}]
    assert await count(engine, "requests") == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": [], "reason": "it does not fit"},
        {"lines": [{"line_no": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": True, "quantity": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": "1", "quantity": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": 100, "quantity": 1}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": "1e2"}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": 10**30}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": True}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": 1, "colour": "red"}], "reason": "it does not fit"},
        {"lines": [{"line_no": 1, "quantity": 1}], "reason": " "},
        {"lines": [{"line_no": n, "quantity": 1} for n in range(1, 101)], "reason": "it does not fit"},
    ],
)
async def test_a_body_of_another_shape_is_told_field_by_field(
    client: httpx.AsyncClient, engine: AsyncEngine, body: dict[str, Any]
) -> None:
    location = await released_at_the_door(client, engine)

    answer = await client.post(f"{location}/returns", json=body, headers=as_())

    assert (answer.status_code, answer.json()["code"]) == (422, "E-FMT-SCHEMA")
    assert answer.json()["errors"][0]["pointer"]


async def test_a_quantity_beyond_what_is_declared_names_its_place(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)
    body = {**BODY, "lines": [{"line_no": 1, "quantity": "0.000001"}, {"line_no": 2, "quantity": "1"}]}

    answer = await client.post(f"{location}/returns", json=body, headers=as_())

    assert answer.status_code == 422
    assert [(each["code"], each["pointer"]) for each in answer.json()["errors"]] == [
        ("E-RETURN-QUANTITY", "/lines/0/quantity"),
        ("E-RETURN-LINE", "/lines/1/line_no"),
    ]
    assert await count(engine, "requests") == 0


async def answered(engine: AsyncEngine, handler: Any, event: Any) -> None:
    async with engine.begin() as connection:
        await handler([event], SqlDeclarations(connection), NOW)


async def test_a_return_is_followed_from_its_page_to_its_end(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)
    asked = [(await client.post(f"{location}/returns", json=BODY, headers=as_())).json() for _ in range(3)]
    about_it = {"declaration_id": asked[0]["declaration_id"], "version": 1, "parties": ()}
    ids = [each["request_id"] for each in asked]
    for request_id in ids[:2]:
        admitted = ReturnAdmitted(
            request_id=request_id, lines=PARTS, released_at=NOW, back_by=NOW + timedelta(days=45), **about_it
        )
        await answered(engine, handlers.on_returns_admitted, admitted)
    done = ReturnCompleted(request_id=ids[0], lines=PARTS, arrived_at=NOW, site="PVG", **about_it)
    await answered(engine, handlers.on_returns_ended, done)
    lapsed = ReturnLapsed(request_id=ids[1], back_by=NOW, **about_it)
    await answered(engine, handlers.on_returns_ended, lapsed)
    said_no = RequestRefused(
        request_id=ids[2], code="E-RETURN-NOTHING", reason="r", pointer="/lines/0/quantity", **about_it
    )
    await answered(engine, handlers.on_requests_refused, said_no)

    page = (await client.get(f"{location}/returns", headers=as_())).json()

    assert [item["state"] for item in page["items"]] == ["COMPLETED", "LAPSED", "REFUSED"]
    assert [item["code"] for item in page["items"]] == ["", "", "E-RETURN-NOTHING"]
    assert page["items"][2]["pointer"] == "/lines/0/quantity"
    assert page["items"][0]["back_by"] is not None
    assert page["away"] == ["tax"]
    assert {item["refund"] for item in page["items"]} == {None}
    found = await client.get(asked[0]["links"]["self"], headers=as_())
    assert found.json()["lines"] == [{"line_no": 1, "quantity": "1"}]


async def test_returns_are_for_the_parties_of_their_declaration(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    location = await released_at_the_door(client, engine)

    assert (await client.get(f"{location}/returns", headers=as_(STRANGER))).status_code == 404
    assert (await client.post(f"{location}/returns", json=BODY, headers=as_(STRANGER))).status_code == 404
    assert (await client.get(f"{location}/returns", headers=as_(OFFICER))).json()["items"] == []
    assert (await client.post(f"{location}/returns", json=BODY, headers=as_(OFFICER))).status_code == 403
