"""Requests: amendments and cancellations, before the permit and after it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import httpx

from audit.story import ADMITTED
from services.declaration.risk import drawn_by_lot, seed_of
from services.declaration.submission import Submission
from tests.flows.auditor import Auditor
from tests.flows.parcels import a_buyer, a_line, a_parcel
from tests.flows.test_green_lane import green
from tests.flows.window import Window


def waiting_parcel() -> Submission:
    """It waits for its carrier, so there is time to think again."""
    return a_parcel(arrival="on_site")


def dearer(parcel: Submission) -> Submission:
    """The same order with another line in it."""
    order, papers = parcel.order, parcel.list
    fresh = a_parcel(
        a_line("50.00"),
        a_line("60.00", line_no=2),
        buyer=order.buyer.id_number,
        arrival="on_site",
        order__order_no=order.order_no,
        payment__order_no=order.order_no,
        waybill__waybill_no=parcel.waybill.waybill_no,
    )
    return replace(fresh, list=replace(fresh.list, guarantor_code=papers.guarantor_code))


def renumbered(parcel: Submission, order_no: str) -> Submission:
    """The same trade under another order number."""
    order, payment = replace(parcel.order, order_no=order_no), replace(parcel.payment, order_no=order_no)
    return replace(parcel, order=order, payment=payment)


def drawn_parcel(window: Window) -> Submission:
    """A parcel that the lot of today draws."""
    key = bytes.fromhex((window.platform.stack.root.secrets / "buyer-token-key").read_text())
    seed, parcel = seed_of(datetime.now(UTC).date(), key), a_parcel()
    tried = (renumbered(parcel, f"{parcel.order.order_no}-{number}") for number in count())
    return next(each for each in tried if drawn_by_lot(each, seed))


async def test_no_amendment_throws_off_a_check_that_the_lot_has_drawn(
    window: Window, auditor: Auditor
) -> None:
    parcel = drawn_parcel(window)
    filed = (await window.send(parcel)).json()
    declaration_id = filed["declaration_id"]

    corrected = renumbered(parcel, f"{parcel.order.order_no}-1")
    answer = await window.answer_to(await window.amend(declaration_id, 1, corrected))

    assert (filed["lane"], answer["state"]) == ("red", "ADMITTED")
    review = await window.review("customs", declaration_id)
    assert (review["version"], review["code"]) == (2, "CUSTOMS_REVIEW")
    await window.review_and("customs", declaration_id, "pass", "looked at all the same")
    assert (await window.outcome(declaration_id))["status"] == "PERMITTED"
    await auditor.check([declaration_id])


async def test_an_admitted_amendment_is_the_version_that_gets_the_permit(
    window: Window, auditor: Auditor
) -> None:
    parcel = waiting_parcel()
    declaration_id = await window.file(parcel)
    await window.gate(declaration_id, "logistics")

    answer = await window.answer_to(await window.amend(declaration_id, 1, dearer(parcel)))
    await window.pass_if_drawn(await window.declaration(declaration_id))
    await window.arrive(parcel.waybill.waybill_no)

    assert answer["state"] == "ADMITTED"
    found = await window.outcome(declaration_id)
    assert (found["status"], found["version"]) == ("PERMITTED", 2)
    permit = await window.read(f"/v1/declarations/{declaration_id}/permit")
    assert (permit["version"], len(permit["covers"]["declared"]["lines"])) == (2, 2)
    await auditor.check([declaration_id])
    versions = (await window.read(f"/v1/assessments/{declaration_id}"))["versions"]
    assert [each["status"] for each in versions] == ["SUPERSEDED", "COMMITTED"]
    assert Decimal(versions[0]["quota_held"]) == Decimal(versions[0]["guarantee_held"]) == 0


async def test_after_the_permit_nothing_is_amended_or_cancelled(window: Window, auditor: Auditor) -> None:
    declaration_id = await green(window)
    await window.outcome(declaration_id)
    number = (await window.declaration(declaration_id))["order_no"]

    amended = await window.amend(
        declaration_id, 1, a_parcel(order__order_no=number, payment__order_no=number)
    )
    cancelled = await window.cancel(declaration_id)

    assert [answer.json()["code"] for answer in (amended, cancelled)] == ["E-STATE", "E-STATE"]
    assert (amended.status_code, cancelled.status_code) == (409, 409)
    assert (await window.declaration(declaration_id))["status"] == "PERMITTED"
    await auditor.check([declaration_id])


async def test_a_held_filing_can_be_cancelled(window: Window, auditor: Auditor) -> None:
    parcel = waiting_parcel()
    declaration_id = await window.file(parcel)
    await window.gate(declaration_id, "logistics")

    answer = await window.answer_to(await window.cancel(declaration_id))

    assert answer["state"] == "ADMITTED"
    assert (await window.outcome(declaration_id))["status"] == "CANCELLED"
    again = await window.cancel(declaration_id)
    assert (again.status_code, again.json()["code"]) == (409, "E-STATE")
    await auditor.check([declaration_id])


async def test_a_request_on_an_older_version_is_refused(window: Window, auditor: Auditor) -> None:
    parcel = waiting_parcel()
    declaration_id = await window.file(parcel)
    await window.answer_to(await window.amend(declaration_id, 1, dearer(parcel)))

    stale = await window.cancel(declaration_id, based_on=1)

    assert (stale.status_code, stale.json()["code"]) == (409, "E-SEQ-STALE")
    await window.answer_to(await window.cancel(declaration_id, based_on=2))
    assert (await window.outcome(declaration_id))["status"] == "CANCELLED"
    await auditor.check([declaration_id])


async def test_of_two_requests_at_once_exactly_one_wins(window: Window, auditor: Auditor) -> None:
    ids = []
    for _ in range(6):
        parcel = waiting_parcel()
        declaration_id = await window.file(parcel)
        ids.append(declaration_id)
        amend, cancel = window.amend(declaration_id, 1, dearer(parcel)), window.cancel(declaration_id)

        answers = await asyncio.gather(amend, cancel)

        assert sorted(answer.status_code for answer in answers) == [202, 409]
        won = next(answer for answer in answers if answer.status_code == 202)
        assert (await window.answer_to(won))["state"] == "ADMITTED"
    await auditor.check(ids)


async def test_a_cancellation_that_races_the_permit_has_one_winner(window: Window, auditor: Auditor) -> None:
    """The carrier reports and the seller cancels in the same moment, over and over."""
    ids, won = [], []
    for _ in range(10):
        parcel = waiting_parcel()
        declaration_id = await window.file(parcel)
        await window.gate(declaration_id, "logistics")

        _, asked = await asyncio.gather(
            window.arrive(parcel.waybill.waybill_no), window.cancel(declaration_id)
        )

        ids.append(declaration_id)
        won.append((await window.outcome(declaration_id))["status"])
        assert won[-1] == ("CANCELLED" if await was_admitted(window, asked) else "PERMITTED")
    await auditor.check(ids)


async def was_admitted(window: Window, asked: httpx.Response) -> bool:
    return asked.status_code == 202 and (await window.answer_to(asked))["state"] == "ADMITTED"


async def test_amended_again_and_again_every_version_counts_once(window: Window, auditor: Auditor) -> None:
    buyer = a_buyer()
    parcel = a_parcel(arrival="on_site", buyer=buyer)
    declaration_id = await window.file(parcel)

    for version in (1, 2, 3):
        answer = await window.answer_to(await window.amend(declaration_id, version, dearer(parcel)))
        assert answer["state"] == "ADMITTED"
        await window.gate(declaration_id, "tax")
    await window.pass_if_drawn(await window.declaration(declaration_id))
    await window.arrive(parcel.waybill.waybill_no)

    assert (await window.outcome(declaration_id))["version"] == 4
    types = [fact["type"] for fact in await window.timeline(declaration_id)]
    assert types.count(ADMITTED) == 3
    assert types.count("clearance.permit-issued.v1") == 1
    await auditor.check([declaration_id])
