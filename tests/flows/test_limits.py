"""Limits: an order, a buyer's year, and thirty at once."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from tests.flows.auditor import Auditor
from tests.flows.parcels import a_buyer, a_line, a_parcel
from tests.flows.window import Window


async def test_several_items_over_5000_are_refused_by_tax(window: Window, auditor: Auditor) -> None:
    lines = [a_line("2000.00", line_no=number) for number in (1, 2, 3)]

    declaration_id = await window.file(a_parcel(*lines))

    found = await window.outcome(declaration_id)
    assert (found["status"], found["code"]) == ("REFUSED", "E-LIMIT-ORDER")
    assert "6018" in found["reason"]
    await auditor.check([declaration_id])


async def test_one_indivisible_item_over_5000_passes_with_full_tax(window: Window) -> None:
    declaration_id = await window.file(a_parcel(a_line("9000.00")))

    await window.gate_when(declaration_id, "tax", "PASSED")

    assessed = await window.assessment(declaration_id)
    assert Decimal(assessed["lines"][0]["customs_duty"]) > 0


async def test_a_buyers_year_is_exhausted_and_next_is_refused(window: Window, auditor: Auditor) -> None:
    buyer = a_buyer()
    for _ in range(5):
        declaration_id = await window.file(a_parcel(a_line("4800.00"), buyer=buyer))
        await window.gate_when(declaration_id, "tax", "PASSED")

    over = await window.file(a_parcel(a_line("4800.00"), buyer=buyer))
    within = await window.file(a_parcel(a_line("1892.00"), buyer=buyer))

    found = await window.outcome(over)
    assert (found["status"], found["code"]) == ("REFUSED", "E-LIMIT-YEAR")
    assert "1910" in found["reason"]  # 26,000 less five times 4,818
    assert (await window.gate(within, "tax"))["status"] == "PASSED"
    await auditor.check([over, within])


async def test_a_buyers_quota_is_exact_under_thirty_parallel_filings(
    window: Window, auditor: Auditor
) -> None:
    buyer = a_buyer()
    parcels = [a_parcel(a_line("2000.00"), buyer=buyer) for _ in range(30)]

    ids = await asyncio.gather(*map(window.file, parcels))
    gates = await asyncio.gather(*(window.gate(each, "tax") for each in ids))

    said = [(gate["status"], gate["code"]) for gate in gates]
    assert said.count(("REFUSED", "E-LIMIT-YEAR")) == 18
    assert sum(status == "PASSED" for status, _ in said) == 12  # twelve times 2,018 are 24,216
    await auditor.check(ids)
