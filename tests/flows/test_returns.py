"""Returns: filed, permitted, sent back; money and quota are back too."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import httpx

from services.declaration.submission import Submission
from shared.kernel.money import cents
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_line, a_parcel
from tests.flows.patience import until
from tests.flows.platform import Platform
from tests.flows.window import Window
from tests.support.addresses import database_of


def two_lines() -> Submission:
    """Three pieces and one."""
    return a_parcel(a_line("45.00", quantity=3), a_line("60.00", line_no=2))


async def released(window: Window, parcel: Submission) -> str:
    declaration_id = await window.file(parcel)
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    await window.assessment(declaration_id, "COMMITTED")
    return declaration_id


async def send_back(
    window: Window, declaration_id: str, *lines: tuple[int, str], key: str = "", who: str = "agent00001"
) -> httpx.Response:
    """Ask to return lines."""
    body = {
        "lines": [{"line_no": line_no, "quantity": quantity} for line_no, quantity in lines],
        "reason": "the buyer sends it back",
    }
    headers = {"Idempotency-Key": key} if key else {}
    return await window.post(f"/v1/declarations/{declaration_id}/returns", who, json=body, headers=headers)


async def bring_back(
    window: Window, waybill_no: str, request_id: str, who: str = "carrier001", **more: Any
) -> Any:
    """The carrier reports the goods of a return; the outcome of the report."""
    item = {
        "waybill_no": waybill_no,
        "request_id": request_id,
        "arrived_at": datetime.now(UTC).isoformat(),
        "site": "PVG-T2",
        "packages": 1,
        "gross_weight": "0.50",
        **more,
    }

    async def report() -> Any:
        answer = await window.post("/v1/consignments/returns", who, json=[item])
        assert answer.status_code == 200, answer.text
        return answer.json()["items"][0]

    return await until(report, lambda told: told["code"] != "E-LOG-RETURN" or who != "carrier001")


async def returned(window: Window, declaration_id: str) -> list[Any]:
    """Its returns, once every completed one has its refund."""
    path = f"/v1/declarations/{declaration_id}/returns"
    page = await until(
        lambda: window.read(path),
        lambda page: all(each["refund"] or each["state"] != "COMPLETED" for each in page["items"]),
    )
    assert page["away"] == []
    items: list[Any] = page["items"]
    return items


async def state_of(window: Window, asked: httpx.Response, state: str) -> Any:
    path = asked.json()["links"]["self"]
    return await until(lambda: window.read(path), lambda request: request["state"] == state)


async def test_part_of_a_list_goes_back_with_its_money_and_its_quota(
    window: Window, auditor: Auditor
) -> None:
    parcel = two_lines()
    declaration_id = await released(window, parcel)
    due = Decimal((await window.account("AGENT00001"))["due"])

    asked = await send_back(window, declaration_id, (1, "1"), (2, "1"))
    answer = await window.answer_to(asked)
    told = await bring_back(window, parcel.waybill.waybill_no, answer["request_id"])

    assert (answer["state"], told["outcome"]) == ("ADMITTED", "returned")
    assert answer["back_by"]
    await state_of(window, asked, "COMPLETED")
    (item,) = await returned(window, declaration_id)
    before = await window.assessment(declaration_id)
    lines = {line["line_no"]: line for line in before["lines"]}
    third = cents(Decimal(lines[1]["tax"]) / 3)
    assert Decimal(item["refund"]["tax_total"]) == third + Decimal(lines[2]["tax"])
    value = cents(Decimal(lines[1]["dutiable_value"]) / 3)
    assert Decimal(item["refund"]["quota_returned"]) == value + Decimal(lines[2]["dutiable_value"])
    held = Decimal(before["dutiable_value"]) - Decimal(item["refund"]["quota_returned"])
    assert Decimal(before["quota_held"]) == held
    account = await window.account("AGENT00001")
    assert Decimal(account["due"]) == due - Decimal(item["refund"]["tax_total"])
    types = [fact["type"] for fact in await window.timeline(declaration_id)]
    for kind in ("return-requested", "return-admitted", "goods-returned", "return-completed", "refunded"):
        assert sum(each.rpartition(".")[0].endswith(kind) for each in types) == 1, kind
    await auditor.check([declaration_id])


async def test_all_of_a_list_in_parts_gives_back_all_that_was_levied(
    window: Window, auditor: Auditor
) -> None:
    parcel = two_lines()
    declaration_id = await released(window, parcel)

    asked = [
        await send_back(window, declaration_id, *lines)
        for lines in ([(1, "1")], [(1, "1"), (2, "1")], [(1, "1")])
    ]
    for each in asked:
        answer = await window.answer_to(each)
        assert answer["state"] == "ADMITTED"
        await bring_back(window, parcel.waybill.waybill_no, answer["request_id"])
    for each in asked:
        await state_of(window, each, "COMPLETED")

    items = await returned(window, declaration_id)
    found = await window.assessment(declaration_id)
    assert sum(Decimal(item["refund"]["tax_total"]) for item in items) == Decimal(found["tax_total"])
    assert Decimal(found["quota_held"]) == 0
    more = await window.answer_to(await send_back(window, declaration_id, (1, "1")))
    assert (more["state"], more["code"], more["pointer"]) == (
        "REFUSED",
        "E-RETURN-NOTHING",
        "/lines/0/quantity",
    )
    assert more["fix"]
    assert more["source"]
    await auditor.check([declaration_id])


async def test_of_many_asked_for_at_once_no_more_is_admitted_than_was_declared(
    window: Window, auditor: Auditor
) -> None:
    declaration_id = await released(window, two_lines())

    asked = await asyncio.gather(*(send_back(window, declaration_id, (1, "2")) for _ in range(6)))
    answers = [await window.answer_to(each) for each in asked]

    assert sorted(answer["state"] for answer in answers) == ["ADMITTED", *["REFUSED"] * 5]
    assert {answer["code"] for answer in answers if answer["state"] == "REFUSED"} == {"E-RETURN-QUANTITY"}
    await auditor.check([declaration_id])


async def test_the_same_return_again_under_its_key_is_one(window: Window, auditor: Auditor) -> None:
    declaration_id = await released(window, two_lines())
    key = f"return-{declaration_id}"

    asked = await asyncio.gather(*(send_back(window, declaration_id, (1, "1"), key=key) for _ in range(4)))

    assert len({each.json()["request_id"] for each in asked}) == 1
    assert len((await window.read(f"/v1/declarations/{declaration_id}/returns"))["items"]) == 1
    await window.answer_to(asked[0])
    await auditor.check([declaration_id])


async def test_only_the_carrier_of_the_waybill_brings_goods_back(window: Window, auditor: Auditor) -> None:
    parcel = two_lines()
    declaration_id = await released(window, parcel)
    answer = await window.answer_to(await send_back(window, declaration_id, (2, "1")))
    waybill_no, request_id = parcel.waybill.waybill_no, answer["request_id"]

    told = await bring_back(window, waybill_no, request_id, "carrier002")
    heavy = await bring_back(window, waybill_no, request_id, gross_weight="40")

    assert (told["outcome"], told["code"]) == ("refused", "E-LOG-RETURN")
    assert (heavy["outcome"], heavy["code"]) == ("refused", "E-LOG-RETURN-WEIGHT")
    assert (await returned(window, declaration_id))[0]["state"] == "ADMITTED"
    await auditor.check([declaration_id])


async def test_goods_that_do_not_come_are_free_to_go_back_again(
    window: Window, platform: Platform, auditor: Auditor
) -> None:
    parcel = two_lines()
    declaration_id = await released(window, parcel)
    asked = await send_back(window, declaration_id, (1, "3"))
    answer = await window.answer_to(asked)
    other = await window.answer_to(await send_back(window, declaration_id, (2, "1")))
    await bring_back(window, parcel.waybill.waybill_no, other["request_id"])

    await time_is_over(platform, declaration_id)

    lapsed = await state_of(window, asked, "LAPSED")
    assert lapsed["back_by"] == answer["back_by"]
    late = await bring_back(window, parcel.waybill.waybill_no, answer["request_id"])
    assert (late["outcome"], late["code"]) == ("refused", "E-RETURN-WINDOW")
    again = await window.answer_to(await send_back(window, declaration_id, (1, "3")))
    assert again["state"] == "ADMITTED"
    states = [item["state"] for item in await returned(window, declaration_id)]
    assert states == ["LAPSED", "COMPLETED", "ADMITTED"]
    await auditor.check([declaration_id])


async def time_is_over(platform: Platform, declaration_id: str) -> None:
    """The deadline for the goods is due at once."""
    connection = await asyncpg.connect(database_of(platform.stack.admin_url, "logistics"))
    try:
        moved = await connection.execute(
            "update timers set due_at = now() where subject_id = $1 and command = 'ReturnsOverdue'",
            declaration_id,
        )
    finally:
        await connection.close()
    assert moved == "UPDATE 1"


async def test_nothing_goes_back_that_is_not_released(window: Window, auditor: Auditor) -> None:
    declaration_id = await window.file(a_parcel(arrival="on_site"))
    await window.gate(declaration_id, "logistics")

    asked = await send_back(window, declaration_id, (1, "1"))

    assert (asked.status_code, asked.json()["code"]) == (409, "E-STATE")
    assert (await send_back(window, declaration_id, (1, "1"), who="seller0002")).status_code == 404
    await auditor.check([declaration_id])
