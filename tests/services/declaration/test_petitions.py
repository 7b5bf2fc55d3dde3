"""Amendments and cancellations: taken, admitted, refused; the same on the fake and on real tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from services.declaration import handlers, petitions
from services.declaration.filing import Filing
from services.declaration.petitions import RequestCancellation
from services.declaration.requests import MOST_REQUESTS
from services.declaration.settlement import Holder, settle
from shared.contracts.clearance import (
    AmendmentAdmitted,
    RequestRefused,
)
from shared.contracts.declaration import AmendmentRequested, DeclarationSubmitted
from shared.kernel.refusal import Refusal
from tests.services.declaration.filings import (
    ONE,
    REFUSED,
    REQUEST,
    TWO,
    Store,
    a_filing,
    about,
    amend,
    filed,
    wanted,
)
from tests.support.builders import NOW, a_declaration_id

ADMITTED = about(AmendmentAdmitted, version=2, request_id=REQUEST)


def drawn() -> Filing:
    """The first filing that the lot of `NOW` draws."""
    return next(filing for number in count() if (filing := a_filing(number)).risk.lane == "red")


async def test_an_admitted_amendment_is_filed_as_its_version(store: Store) -> None:
    await filed(store, a_filing())
    (asked,) = await amend(store, a_filing(waybill__waybill_no="W-9"))

    (said,) = await handlers.on_amendments_admitted([ADMITTED], store, NOW)

    assert (asked.version, asked.request_id) == (1, REQUEST)
    assert isinstance(said, DeclarationSubmitted)
    assert (said.version, said.waybill_no) == (2, "W-9")
    assert set(await store.holders(["waybill|CARRIER001|WAYBILL-1", "waybill|CARRIER001|W-9"], NOW)) == {
        "waybill|CARRIER001|W-9"
    }
    standing = await store.standing(ONE)
    assert standing is not None
    assert (standing.version, standing.pending_request) == (2, "")


async def test_a_refused_amendment_frees_only_what_it_took(store: Store) -> None:
    await filed(store, a_filing())
    await amend(store, a_filing(waybill__waybill_no="W-9"))
    keys = ["order|PLATFORM01|ORDER-1", "waybill|CARRIER001|WAYBILL-1", "waybill|CARRIER001|W-9"]
    assert set(await store.holders(keys, NOW)) == set(keys)

    refusal = about(RequestRefused, request_id=REQUEST, code="E-STATE", reason="released")
    await handlers.on_requests_refused([refusal], store, NOW)

    assert set(await store.holders(keys, NOW)) == set(keys[:2])


async def test_what_is_filed_while_an_amendment_asks_for_it_is_no_repeat(store: Store) -> None:
    changed = a_filing(order__order_no="ORDER-9", waybill__waybill_no="W-9")
    await filed(store, a_filing())
    await amend(store, changed)

    (verdict,) = settle([changed], await store.holders(changed.keys, NOW))

    assert isinstance(verdict, Refusal)
    assert (verdict.code, verdict.extra["first_declaration_id"]) == ("E-DUP-CONFLICT", ONE)
    assert "asked for by an amendment" in verdict.detail


async def test_what_is_filed_once_its_amendment_is_admitted_is_a_repeat(store: Store) -> None:
    changed = a_filing(order__order_no="ORDER-9", waybill__waybill_no="W-9")
    await filed(store, a_filing())
    await amend(store, changed)
    await handlers.on_amendments_admitted([ADMITTED], store, NOW)

    (verdict,) = settle([changed], await store.holders(changed.keys, NOW))

    assert verdict == Holder(declaration_id=ONE, content_hash=changed.content_hash)


async def test_an_amendment_of_what_the_lot_has_drawn_waits_for_an_officer_again(store: Store) -> None:
    await filed(store, drawn())
    other = a_filing(order__order_no="ORDER-9")
    await amend(store, other)

    (said,) = await handlers.on_amendments_admitted([ADMITTED], store, NOW)

    assert (other.risk.lane, other.risk.rules) == ("green", ())
    assert isinstance(said, DeclarationSubmitted)
    assert (said.lane, said.gate.status, said.gate.code) == ("red", "HELD", "CUSTOMS_REVIEW")
    standing = await store.standing(ONE)
    assert standing is not None
    assert standing.risk == "CN-RISK-2025-01 100 drawn_by_lot"


async def test_an_amendment_is_filed_on_the_day_whose_lot_was_drawn(store: Store) -> None:
    """It was examined just before midnight by this replica's clock, and kept just after it by the database's."""
    await filed(store, a_filing())
    before = NOW.replace(hour=23, minute=59, second=59)
    late = replace(a_filing(waybill__waybill_no="W-9"), declaration_id=a_declaration_id(7, before))
    wish = petitions.RequestAmendment(declaration_id=ONE, filing=late, wanted=wanted())

    (asked,) = await petitions.on_amendments_requested([wish], store, before + timedelta(seconds=2))
    (said,) = await handlers.on_amendments_admitted([ADMITTED], store, before + timedelta(seconds=3))

    assert isinstance(asked, AmendmentRequested)
    assert isinstance(said, DeclarationSubmitted)
    assert asked.requested_at == before + timedelta(seconds=2)
    assert said.filed_at == before


async def test_what_an_amended_declaration_says_is_a_repeat_whichever_number_it_has_kept(
    store: Store,
) -> None:
    changed = a_filing(waybill__waybill_no="W-9")
    await filed(store, a_filing())
    await amend(store, changed)
    await handlers.on_amendments_admitted([ADMITTED], store, NOW)

    (again,) = await filed(store, replace(changed, declaration_id=TWO))

    assert (again.declaration_id, again.replayed) == (ONE, True)


async def test_what_an_amended_declaration_says_under_its_first_numbers_is_told_where_to_look(
    store: Store,
) -> None:
    changed = a_filing(list__customs_code="3700")
    await filed(store, a_filing())
    await amend(store, changed)
    await handlers.on_amendments_admitted([ADMITTED], store, NOW)

    (answer,) = await filed(store, replace(changed, declaration_id=TWO))

    assert (answer.code, answer.extra["first_declaration_id"]) == ("E-DUP-CONFLICT", ONE)
    assert "was first filed with other content" in answer.detail
    assert "if it does not say this yet" in answer.fix


async def test_beyond_the_requests_that_a_timeline_can_tell_only_a_cancellation_is_taken(
    store: Store,
) -> None:
    await filed(store, a_filing())
    for number in range(MOST_REQUESTS):
        request_id = a_declaration_id(1000 + number)
        await amend(store, a_filing(waybill__waybill_no="W-9"), request_id=request_id)
        refusal = about(RequestRefused, request_id=request_id, code="E-STATE", reason="not now")
        await handlers.on_requests_refused([refusal], store, NOW)

    with pytest.raises(Refusal) as caught:
        await amend(store, a_filing(waybill__waybill_no="W-9"))
    order = RequestCancellation(declaration_id=ONE, wanted=wanted("cancellation"))
    said = await petitions.on_cancellations_requested([order], store, NOW)

    assert (caught.value.code, caught.value.status) == ("E-LIMIT-REQUESTS", 409)
    assert len(said) == 1


async def test_an_admitted_amendment_leaves_its_older_keys_with_what_was_filed_under_them(
    store: Store,
) -> None:
    first, changed = a_filing(), a_filing(waybill__waybill_no="W-9")
    await filed(store, first)
    await amend(store, changed)
    await handlers.on_amendments_admitted([ADMITTED], store, NOW)

    assert {holder.content_hash for holder in (await store.holders(first.keys, NOW)).values()} == {
        first.content_hash
    }


async def test_an_amendment_may_not_take_anothers_keys(store: Store) -> None:
    await filed(store, a_filing(), a_filing(2, TWO))

    with pytest.raises(Refusal) as caught:
        await amend(store, a_filing(waybill__waybill_no="WAYBILL-2"))

    assert caught.value.code == "E-DUP-CONFLICT"
    assert caught.value.extra["first_declaration_id"] == TWO


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"based_on_version": 2}, 409), ({"party": "SELLER0002"}, 404), ({"party": "CARRIER001"}, 404)],
)
async def test_a_request_needs_the_running_version_and_a_party_of_the_trade(
    store: Store, changes: dict[str, Any], status: int
) -> None:
    await filed(store, a_filing())
    order = RequestCancellation(declaration_id=ONE, wanted=wanted("cancellation", **changes))

    with pytest.raises(Refusal) as caught:
        await petitions.on_cancellations_requested([order], store, NOW)

    assert caught.value.status == status


async def test_a_request_that_is_tried_again_after_its_commit_is_not_made_twice(store: Store) -> None:
    await filed(store, a_filing())
    order = RequestCancellation(declaration_id=ONE, wanted=wanted("cancellation"))

    first = await petitions.on_cancellations_requested([order], store, NOW)
    again = await petitions.on_cancellations_requested([order], store, NOW)

    assert (len(first), again) == (1, [])


async def test_nothing_is_asked_of_a_declaration_that_has_ended(store: Store) -> None:
    await filed(store, a_filing())
    await handlers.on_declarations_refused([REFUSED], store, NOW)

    with pytest.raises(Refusal) as caught:
        await amend(store, a_filing())

    assert caught.value.code == "E-STATE"


async def test_an_amendment_keeps_who_trades(store: Store) -> None:
    await filed(store, a_filing())

    with pytest.raises(Refusal) as caught:
        await amend(store, a_filing(order__seller_code="SELLER0002"))

    told = [(fault.pointer, fault.detail) for fault in caught.value.faults]
    assert caught.value.code == "E-AMEND-TRADE"
    assert told == [("/submission/order/seller_code", "it is SELLER0001, not SELLER0002")]
