"""Guarantee: too little of it, and the deposit that mends it."""

from __future__ import annotations

from decimal import Decimal

from tests.flows.auditor import Auditor
from tests.flows.parcels import a_parcel
from tests.flows.window import Window


async def test_a_filing_waits_for_its_guarantor_and_passes_when_money_comes(
    window: Window, auditor: Auditor
) -> None:
    papers = {"order__seller_code": "SELLER0003", "list__guarantor_code": "SELLER0003"}
    declaration_id = await window.file(a_parcel(**papers))
    waiting = await window.gate(declaration_id, "tax")
    assert (waiting["status"], waiting["code"]) == ("HELD", "AWAITING_PAYMENT")
    assert all((waiting["reason"], waiting["awaits"], waiting["due_at"]))
    tax = Decimal((await window.assessment(declaration_id))["tax_total"])

    too_little = await window.deposit("SELLER0003", str(tax - Decimal("0.01")), "flows-short")
    assert too_little["waiting"] == 1
    await window.deposit("SELLER0003", "0.01", "flows-rest")

    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    types = [fact["type"] for fact in await window.timeline(declaration_id)]
    assert types.count("tax.secured.v1") == 1
    await auditor.check([declaration_id])
    account = await window.account("SELLER0003")
    assert Decimal(account["due"]) == tax
    assert Decimal(account["free"]) == 0


async def test_the_same_deposit_again_counts_once(window: Window, auditor: Auditor) -> None:
    await window.deposit("SELLER0002", "5.00", "flows-once")

    again = await window.deposit("SELLER0002", "5.00", "flows-once")

    assert Decimal(again["balance"]) == 5
    await auditor.check()


async def test_what_a_cancelled_filing_gives_back_secures_the_next_that_waits(
    window: Window, auditor: Auditor
) -> None:
    papers = {"order__seller_code": "SELLER0002", "list__guarantor_code": "SELLER0002"}
    first = await window.file(a_parcel(arrival="on_site", **papers))
    await window.gate_when(first, "tax", "HELD")
    tax = Decimal((await window.assessment(first))["tax_total"])
    free = Decimal((await window.account("SELLER0002"))["free"])
    await window.deposit("SELLER0002", str(tax - free), "flows-for-one")
    await window.gate_when(first, "tax", "PASSED")
    second = await window.file(a_parcel(**papers))
    await window.gate_when(second, "tax", "HELD")

    assert (await window.answer_to(await window.cancel(first)))["state"] == "ADMITTED"

    assert (await window.outcome(second))["status"] == "PERMITTED"
    assert (await window.outcome(first))["status"] == "CANCELLED"
    await auditor.check([first, second])
