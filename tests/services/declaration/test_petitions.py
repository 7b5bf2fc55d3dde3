"""Amendments and cancellations: taken, admitted, refused; the same on the fake and on real tables."""

from __future__ import annotations

from typing import Any

import pytest

from services.declaration import handlers, petitions
from services.declaration.petitions import RequestCancellation
from services.declaration.settlement import Holder, settle
from shared.contracts.clearance import (
    AmendmentAdmitted,
    RequestRefused,
)
from shared.contracts.declaration import DeclarationSubmitted
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
from tests.support.builders import NOW


async def test_an_admitted_amendment_is_filed_as_its_version(store: Store) -> None:
    await filed(store, a_filing())
    (asked,) = await amend(store, a_filing(waybill__waybill_no="W-9"))
    admitted = about(AmendmentAdmitted, version=2, request_id=REQUEST)

    (said,) = await handlers.on_amendments_admitted([admitted], store, NOW)

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
    admitted = about(AmendmentAdmitted, version=2, request_id=REQUEST)
    await handlers.on_amendments_admitted([admitted], store, NOW)

    (verdict,) = settle([changed], await store.holders(changed.keys, NOW))

    assert verdict == Holder(declaration_id=ONE, content_hash=changed.content_hash)


async def test_an_admitted_amendment_leaves_its_older_keys_with_what_was_filed_under_them(
    store: Store,
) -> None:
    first, changed = a_filing(), a_filing(waybill__waybill_no="W-9")
    await filed(store, first)
    await amend(store, changed)
    admitted = about(AmendmentAdmitted, version=2, request_id=REQUEST)
    await handlers.on_amendments_admitted([admitted], store, NOW)

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
