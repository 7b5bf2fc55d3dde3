"""What declaration hears: the same on the fake and on real tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.declaration import handlers
from services.declaration.rows import KEPT
from services.declaration.settlement import NOT_FILED, Holder
from services.declaration.tables import declarations
from shared.contracts.clearance import (
    PermitIssued,
)
from shared.contracts.declaration import CustomsDecided
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review, ReviewDecided
from tests.services.declaration.filings import (
    CANCELLED,
    ONE,
    REFUSED,
    TWO,
    Store,
    a_filing,
    about,
    amend,
    filed,
)
from tests.support.builders import NOW, PARTIES, a_declaration_id
from tests.support.memory_declaration import MemoryDeclarations


async def test_the_same_content_again_is_answered_with_the_first(store: Store) -> None:
    first, again = await filed(store, a_filing(), a_filing(declaration_id=TWO))
    (later,) = await filed(store, a_filing(declaration_id=TWO), now=NOW + timedelta(hours=1))

    assert (first.replayed, again.replayed, later.replayed) == (False, True, True)
    assert {first.declaration_id, again.declaration_id, later.declaration_id} == {ONE}
    assert (later.received_at, later.lane) == (NOW, first.lane)


async def test_other_content_is_a_conflict_stored_or_in_the_same_batch(store: Store) -> None:
    other = a_filing(declaration_id=TWO, list__customs_code="3700")

    _, together = await filed(store, a_filing(), other)
    (after,) = await filed(store, other)

    for refusal in (together, after):
        assert isinstance(refusal, Refusal)
        assert (refusal.code, refusal.extra["first_declaration_id"]) == ("E-DUP-CONFLICT", ONE)


async def test_one_refused_of_a_batch_leaves_its_free_key_to_the_next(store: Store) -> None:
    await filed(store, a_filing())
    loser = a_filing(2, TWO, waybill__waybill_no="WAYBILL-1")
    winner = a_filing(2, a_declaration_id(3))

    refused, accepted = await filed(store, loser, winner)

    assert isinstance(refused, Refusal)
    assert accepted.declaration_id == a_declaration_id(3)


async def test_a_waybill_number_may_come_again_after_six_months(store: Store) -> None:
    await filed(store, a_filing())
    again = a_filing(2, TWO, waybill__waybill_no="WAYBILL-1")

    (early,) = await filed(store, again, now=NOW + KEPT - timedelta(seconds=1))
    (late,) = await filed(store, again, now=NOW + KEPT)

    assert isinstance(early, Refusal)
    assert late.declaration_id == TWO


@pytest.mark.parametrize("ending", [REFUSED, CANCELLED])
async def test_refused_and_cancelled_declarations_free_their_keys(store: Store, ending: Any) -> None:
    await filed(store, a_filing())
    handler = handlers.SUBSCRIPTIONS[type(ending)]

    said = await handler([ending], store, NOW)
    (again,) = await filed(store, a_filing(declaration_id=TWO))

    assert said == []
    assert (again.declaration_id, again.replayed) == (TWO, False)


async def test_an_idempotency_key_outlives_a_refusal(store: Store) -> None:
    await filed(store, a_filing(key="k"))
    await handlers.on_declarations_refused([REFUSED], store, NOW)

    (again, other) = await filed(
        store, a_filing(declaration_id=TWO, key="k"), a_filing(3, a_declaration_id(3), key="k")
    )

    assert (again.declaration_id, again.replayed) == (ONE, True)
    assert (other.code, other.status) == ("E-IDEM-REUSED", 422)


async def test_a_key_that_got_the_first_answer_stands_for_it_from_then_on(store: Store) -> None:
    await filed(store, a_filing())
    (repeat,) = await filed(store, a_filing(declaration_id=TWO, key="k"))
    (other,) = await filed(store, a_filing(2, TWO, key="k"))
    await handlers.on_declarations_refused([REFUSED], store, NOW)

    (again,) = await filed(store, a_filing(declaration_id=TWO, key="k"))

    assert (repeat.declaration_id, repeat.replayed) == (ONE, True)
    assert (other.code, other.status) == ("E-IDEM-REUSED", 422)
    assert (again.declaration_id, again.replayed) == (ONE, True)


async def test_a_key_that_got_the_first_answer_stands_for_it_in_its_own_batch_too(store: Store) -> None:
    first, same, repeat, again, other = await filed(
        store,
        a_filing(key="a"),
        a_filing(declaration_id=TWO, key="a"),
        a_filing(declaration_id=TWO, key="b"),
        a_filing(declaration_id=TWO, key="b"),
        a_filing(2, TWO, key="b"),
    )

    assert [each.replayed for each in (first, same, repeat, again)] == [False, True, True, True]
    assert other.code == "E-IDEM-REUSED"
    assert {holder.declaration_id for holder in (await store.holders(KEYS, NOW)).values()} == {ONE}


KEYS = ["idem|agent|a", "idem|agent|b"]


async def test_keys_that_cannot_all_be_taken_leave_what_their_holder_had_before(store: Store) -> None:
    await filed(store, a_filing())
    await amend(store, a_filing(waybill__waybill_no="W-9"))
    wants_it_too = a_filing(2, TWO, waybill__waybill_no="W-9")

    is_taken = await store.take_keys(
        [wants_it_too], {"idem|agent|k": Holder(declaration_id=ONE, content_hash="0")}, NOW
    )

    assert not is_taken
    assert await store.holders([*wants_it_too.keys, "idem|agent|k"], NOW) == {
        "waybill|CARRIER001|W-9": Holder(declaration_id=ONE, content_hash=NOT_FILED)
    }


async def test_what_was_declared_in_a_month_that_has_left_is_refused_and_spoils_no_other(
    store: Store,
) -> None:
    await filed(store, a_filing())
    await let_go(store)

    gone, kept = await filed(store, a_filing(declaration_id=TWO), a_filing(2, TWO))

    assert isinstance(gone, Refusal)
    assert (gone.code, gone.status, gone.extra["first_declaration_id"]) == ("E-DUP-CONFLICT", 409, ONE)
    assert kept.declaration_id == TWO


async def test_who_is_told_to_correct_a_number_may_do_so_under_the_same_key(store: Store) -> None:
    await filed(store, a_filing())
    await let_go(store)
    (gone,) = await filed(store, a_filing(declaration_id=TWO, key="k"))

    (kept,) = await filed(store, a_filing(2, TWO, key="k"))

    assert gone.status == 409
    assert kept.declaration_id == TWO


async def let_go(store: Store) -> None:
    """Versions leave by their month; keys know no month."""
    if isinstance(store, MemoryDeclarations):
        store.versions.clear()
    else:
        await store.connection.execute(sa.delete(declarations))


async def test_an_outcome_heard_twice_is_kept_once(store: Store) -> None:
    await filed(store, a_filing())
    permit = about(
        PermitIssued,
        permit_no="SW1",
        filed_at=NOW,
        issued_at=NOW,
        valid_until=NOW,
        covers_sha256="0",
        key_id="k",
    )

    for _ in range(2):
        await handlers.on_permits_issued([permit], store, NOW)

    standing = await store.standing(ONE)
    assert standing is not None
    assert standing.outcome == "PERMITTED"


@pytest.mark.parametrize(("verdict", "status"), [("pass", "PASSED"), ("refuse", "REFUSED")])
async def test_an_officers_decision_is_customs_gate(verdict: Any, status: str) -> None:
    review = Review(
        declaration_id=ONE,
        version=1,
        code="CUSTOMS_REVIEW",
        reason="lane",
        parties=PARTIES,
        opened_at=NOW,
        due_at=NOW,
    )
    order = DecideReview(
        declaration_id=ONE, version=1, lease_no=1, verdict=verdict, reason="looked", officer="officer-1"
    )

    (said,) = await handlers.on_reviews_decided(
        [ReviewDecided(review=review, order=order)], MemoryDeclarations(), NOW
    )

    assert isinstance(said, CustomsDecided)
    assert (said.gate.agency, said.gate.status, said.officer) == ("customs", status, "officer-1")
    assert said.parties == PARTIES
