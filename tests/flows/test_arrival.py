"""Arrival: what waits for its carrier."""

from __future__ import annotations

from tests.flows.auditor import Auditor
from tests.flows.parcels import a_parcel
from tests.flows.window import Window


async def test_a_parcel_waits_for_its_carrier_and_passes_when_it_is_on_site(
    window: Window, auditor: Auditor
) -> None:
    parcel = a_parcel(arrival="on_site")
    declaration_id = await window.file(parcel)
    waiting = await window.gate(declaration_id, "logistics")
    assert (waiting["status"], waiting["code"], waiting["awaits"]) == ("HELD", "AWAITING_ARRIVAL", "carrier")
    assert waiting["due_at"]

    told = await window.arrive(parcel.waybill.waybill_no)

    assert (told["outcome"], told["gate"]) == ("arrived", "PASSED")
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    await auditor.check([declaration_id])


async def test_the_same_report_again_changes_nothing(window: Window, auditor: Auditor) -> None:
    parcel = a_parcel(arrival="on_site")
    declaration_id = await window.file(parcel)
    await window.gate(declaration_id, "logistics")
    await window.arrive(parcel.waybill.waybill_no)

    again = await window.arrive(parcel.waybill.waybill_no)

    assert again["outcome"] == "repeated"
    await window.outcome(declaration_id)
    await auditor.check([declaration_id])


async def test_a_parcel_that_came_before_its_filing_passes_at_once(window: Window) -> None:
    parcel = a_parcel(arrival="on_site")

    early = await window.arrive(parcel.waybill.waybill_no)
    declaration_id = await window.file(parcel)

    assert (early["outcome"], early["code"]) == ("early", "E-LOG-NOTFOUND")
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    assert (await window.gate(declaration_id, "logistics"))["code"] == "ARRIVED"


async def test_another_carrier_cannot_report_it(window: Window) -> None:
    parcel = a_parcel(arrival="on_site")
    declaration_id = await window.file(parcel)
    await window.gate(declaration_id, "logistics")

    told = await window.arrive(parcel.waybill.waybill_no, who="carrier002")

    assert told["outcome"] == "early"
    assert (await window.gate(declaration_id, "logistics"))["status"] == "HELD"
