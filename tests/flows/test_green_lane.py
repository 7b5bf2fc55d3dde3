"""Green lane: one submission, one permit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from services.clearance.verification import verify
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_buyer, a_line, a_parcel
from tests.flows.window import Window


async def green(window: Window, who: str = "agent00001") -> str:
    """The id of a filing that no lot has drawn (one in 200 is, whatever it holds)."""
    while True:
        answer = await window.send(a_parcel(), who)
        assert answer.status_code == 202, answer.text
        if answer.json()["lane"] == "green":
            return str(answer.json()["declaration_id"])


async def test_one_submission_becomes_one_permit(window: Window, auditor: Auditor) -> None:
    declaration_id = await green(window)

    found = await window.outcome(declaration_id)

    assert (found["status"], found["version"]) == ("PERMITTED", 1)
    assert found["clearance"]["permit_no"] == found["permit_no"]
    gates = {gate["agency"]: gate["status"] for gate in found["clearance"]["gates"]}
    assert gates == {
        "customs": "PASSED",
        "tax": "PASSED",
        "quarantine": "NOT_REQUIRED",
        "logistics": "PASSED",
        "clearance": "NOT_REQUIRED",
    }
    await auditor.check([declaration_id])


async def test_a_permit_verifies_offline_with_the_published_keys(window: Window) -> None:
    declaration_id = await green(window)
    permit_no = (await window.outcome(declaration_id))["permit_no"]

    permit = await window.read(f"/v1/declarations/{declaration_id}/permit")
    keys = (await window.get("/v1/permits/keys", "")).json()

    verified = verify(permit["jws"], keys)
    assert verified.permit_no == permit["permit_no"] == permit_no
    assert verified.covers_sha256 == permit["covers_sha256"]
    assert verified.content == permit["covers"]
    assert permit["covers"]["permit"]["declaration_id"] == declaration_id


async def test_a_permit_is_a_page_too(window: Window) -> None:
    declaration_id = await green(window)
    await window.outcome(declaration_id)

    page = await window.get(f"/v1/declarations/{declaration_id}/permit.pdf")

    assert page.headers["content-type"] == "application/pdf"
    assert page.content.startswith(b"%PDF")


async def test_anybody_may_verify_a_permit_by_its_number(window: Window) -> None:
    permit_no = (await window.outcome(await green(window)))["permit_no"]

    told = await window.get(f"/v1/permits/{permit_no}/verification", "")
    unknown = await window.get("/v1/permits/SW20260001999999999/verification", "")

    assert (told.status_code, told.json()["status"]) == (200, "valid")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "E-NOT-FOUND")


async def test_the_timeline_has_the_facts_of_every_agency(window: Window, auditor: Auditor) -> None:
    declaration_id = await green(window)
    await window.outcome(declaration_id)
    await auditor.check()

    facts = await window.timeline(declaration_id)
    assert not any("buyer" in fact["event"] for fact in facts), "its token tells one buyer's purchases apart"

    assert sorted(fact["type"] for fact in facts) == [
        "clearance.permit-issued.v1",
        "declaration.submitted.v1",
        "logistics.booked.v1",
        "logistics.gated-out.v1",
        "quarantine.triaged.v1",
        "tax.assessed.v1",
        "tax.committed.v1",
    ]
    assert {fact["trace_id"] for fact in facts} == {facts[0]["trace_id"]}


async def test_the_same_content_again_gets_the_same_answer(window: Window) -> None:
    parcel = a_parcel()
    first = await window.send(parcel)

    again = await window.send(replace(parcel, order=replace(parcel.order, freight=Decimal("18.000"))))

    assert again.json()["declaration_id"] == first.json()["declaration_id"]
    assert again.json()["received_at"] == first.json()["received_at"]
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_other_content_under_an_order_number_is_a_conflict_that_names_the_first(window: Window) -> None:
    parcel = a_parcel()
    first = await window.file(parcel)
    number = parcel.order.order_no

    answer = await window.send(a_parcel(order__order_no=number, payment__order_no=number))

    assert (answer.status_code, answer.json()["code"]) == (409, "E-DUP-CONFLICT")
    assert answer.json()["first_declaration_id"] == first


async def test_another_order_on_a_waybill_number_is_a_conflict(window: Window) -> None:
    parcel = a_parcel()
    first = await window.file(parcel)

    answer = await window.send(a_parcel(waybill__waybill_no=parcel.waybill.waybill_no))

    assert (answer.status_code, answer.json()["code"]) == (409, "E-DUP-CONFLICT")
    assert answer.json()["first_declaration_id"] == first
    assert answer.json()["natural_key"]["kind"] == "waybill"


async def test_an_idempotency_key_stands_for_one_body(window: Window) -> None:
    parcel, key = a_parcel(), "flows-1"
    first = await window.send(parcel, key=key)

    again, other = await window.send(parcel, key=key), await window.send(a_parcel(), key=key)

    assert again.json()["declaration_id"] == first.json()["declaration_id"]
    assert (other.status_code, other.json()["code"]) == (422, "E-IDEM-REUSED")


async def test_a_batch_answers_line_by_line_and_repeats_inside_it_are_told(window: Window) -> None:
    buyer = a_buyer()
    parcel = a_parcel(a_line("12.00"), buyer=buyer)
    answers = await window.batch([parcel, a_parcel(), parcel])

    assert [answer["status"] for answer in answers] == [202, 202, 202]
    assert [answer["replayed"] for answer in answers] == [False, False, True]
    assert answers[0]["declaration_id"] == answers[2]["declaration_id"] != answers[1]["declaration_id"]
