"""Review: goods without papers, and the officer's word."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from tests.flows.auditor import Auditor
from tests.flows.parcels import a_buyer, a_parcel, sweets
from tests.flows.window import Window


async def test_goods_without_papers_are_held_with_owner_reason_and_due_time(window: Window) -> None:
    declaration_id = await window.file(a_parcel(sweets()))

    gate = await window.gate(declaration_id, "quarantine")

    assert (gate["status"], gate["code"], gate["awaits"]) == ("HELD", "DOCUMENT_REVIEW", "quarantine officer")
    assert "prepared_food_needs_a_paper" in gate["reason"]
    assert datetime.fromisoformat(gate["due_at"]) > datetime.fromisoformat(gate["since"])


async def test_an_officer_passes_it_and_the_permit_follows(window: Window, auditor: Auditor) -> None:
    declaration_id = await window.file(a_parcel(sweets()))

    await window.review_and("quarantine", declaration_id, "pass", "HEALTH certificate 42 seen")

    found = await window.outcome(declaration_id)
    assert found["status"] == "PERMITTED"
    decided = next(
        fact for fact in await window.timeline(declaration_id) if fact["type"] == "quarantine.decided.v1"
    )
    assert decided["event"]["officer"] == "officer-quarantine"
    assert decided["event"]["gate"]["reason"] == "HEALTH certificate 42 seen"
    await auditor.check([declaration_id])


async def test_nobody_else_claims_or_decides_what_an_officer_holds(window: Window) -> None:
    declaration_id = await window.file(a_parcel(sweets()))
    await window.review("quarantine", declaration_id)
    held = (await window.claim("quarantine", declaration_id)).json()

    claimed = await window.claim("quarantine", declaration_id, who="operator")
    decided = await window.decide("quarantine", held, "pass", who="operator")
    other_agency = await window.claim("quarantine", declaration_id, who="officer-tax")

    assert (claimed.status_code, claimed.json()["code"]) == (409, "E-REVIEW-CLAIMED")
    assert decided.status_code == 409
    assert (other_agency.status_code, other_agency.json()["code"]) == (403, "E-SEC-SCOPE")
    assert (await window.declaration(declaration_id))["status"] == "SUBMITTED"


async def test_an_older_claim_of_the_same_officer_is_fenced_off(window: Window) -> None:
    declaration_id = await window.file(a_parcel(sweets()))
    await window.review("quarantine", declaration_id)
    older = (await window.claim("quarantine", declaration_id)).json()
    newer = (await window.claim("quarantine", declaration_id)).json()

    late = await window.decide("quarantine", older, "refuse")
    first = await window.decide("quarantine", newer, "pass")
    twice = await window.decide("quarantine", newer, "pass")

    assert (late.status_code, first.status_code, twice.status_code) == (409, 200, 409)
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"


async def test_a_refusal_ends_it_and_tax_gives_everything_back(window: Window, auditor: Auditor) -> None:
    buyer = a_buyer()
    before = await window.account("AGENT00001")
    declaration_id = await window.file(a_parcel(sweets(), buyer=buyer))
    await window.gate_when(declaration_id, "tax", "PASSED")

    await window.review_and("quarantine", declaration_id, "refuse", "no certificate came")

    found = await window.outcome(declaration_id)
    assert (found["status"], found["code"], found["reason"]) == (
        "REFUSED",
        "E-CIQ-REFUSED",
        "no certificate came",
    )
    await auditor.check([declaration_id])
    versions = (await window.read(f"/v1/assessments/{declaration_id}"))["versions"]
    assert [each["status"] for each in versions] == ["VOIDED"]
    assert Decimal(versions[0]["quota_held"]) == Decimal(versions[0]["guarantee_held"]) == 0
    after = await window.account("AGENT00001")
    assert after["reserved"] == before["reserved"]
    refused = await window.get(f"/v1/declarations/{declaration_id}/permit")
    assert (refused.status_code, refused.json()["code"]) == (404, "E-NOT-FOUND")


async def test_the_numbers_of_a_refused_filing_are_free_again(window: Window, auditor: Auditor) -> None:
    parcel = a_parcel(sweets())
    first = await window.file(parcel)
    await window.review_and("quarantine", first, "refuse", "no certificate came")
    await window.outcome(first)

    second = await window.file(parcel)

    assert second != first
    await window.review_and("quarantine", second, "pass", "now it came")
    assert (await window.outcome(second))["status"] == "PERMITTED"
    await auditor.check([first, second])
