"""What declaration hears and is asked: the same on the fake and on real tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.declaration import handlers, petitions
from services.declaration.filing import Filer, Filing, Secret, accept
from services.declaration.intake import answers_of, events_of, repeated, settle_keys
from services.declaration.petitions import RequestAmendment, RequestCancellation
from services.declaration.requests import Wanted
from services.declaration.rows import KEPT, version_row
from services.declaration.sayings import reviews_of
from services.declaration.store import SqlDeclarations
from shared.contracts.clearance import (
    AmendmentAdmitted,
    DeclarationCancelled,
    DeclarationRefused,
    PermitIssued,
    RequestRefused,
)
from shared.contracts.declaration import CustomsDecided, DeclarationSubmitted
from shared.kernel.gate import Gate
from shared.kernel.ids import DeclarationId
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review, ReviewDecided
from shared.runtime.database import open_engine
from shared.runtime.migrate import migrate
from tests.conftest import MakeDatabase
from tests.support.builders import NOW, PARTIES, a_declaration_id, a_submission
from tests.support.memory_declaration import MemoryDeclarations

SECRET = Secret(key=b"k" * 32)
ONE, TWO = a_declaration_id(1), a_declaration_id(2)
REQUEST = a_declaration_id(99)
Store = MemoryDeclarations | SqlDeclarations


@pytest.fixture(params=["memory", "sql"])
async def store(request: pytest.FixtureRequest, make_database: MakeDatabase) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryDeclarations()
        return
    database = await make_database("declaration")
    await migrate("declaration", database.owner_url)
    engine = open_engine(database.url, pool_size=2, name="test")
    async with engine.begin() as connection:
        yield SqlDeclarations(connection)
    await engine.dispose()


def a_filing(number: int = 1, declaration_id: DeclarationId = ONE, key: str = "", **overrides: Any) -> Filing:
    submission = a_submission(number=number, **overrides)
    filer = Filer(party="AGENT00001", client_id="agent", idempotency=key)
    return accept(submission, filer, declaration_id, SECRET, NOW)


async def filed(store: Store, *filings: Filing, now: datetime = NOW) -> list[Any]:
    """What the intake does in its transaction, without facts."""
    verdicts = await settle_keys(store, filings, now)
    accepted = events_of(verdicts, now)
    await store.save_versions([version_row(event, filing.kept) for filing, event in accepted])
    await store.open_reviews(reviews_of([event for _, event in accepted], now))
    return answers_of(verdicts, await store.first_versions(repeated(verdicts)), now)


def wanted(kind: Any = "amendment", **changes: Any) -> Wanted:
    wish = Wanted(request_id=REQUEST, kind=kind, based_on_version=1, party="AGENT00001", reason="why not")
    return replace(wish, **changes)


async def amend(store: Store, filing: Filing, **changes: Any) -> list[Any]:
    wish = RequestAmendment(declaration_id=ONE, filing=filing, wanted=wanted(**changes))
    return await petitions.on_amendments_requested([wish], store, NOW)


def about(kind: type[Any], **members: Any) -> Any:
    return kind(**{"declaration_id": ONE, "version": 1, "parties": PARTIES, **members})


REFUSED = about(DeclarationRefused, gate=Gate(agency="tax", status="REFUSED", code="E-LIMIT-ORDER"))
CANCELLED = about(DeclarationCancelled, request_id=REQUEST, reason="changed my mind")


async def test_the_same_content_again_is_answered_with_the_first(store: Store) -> None:
    first, again = await filed(store, a_filing(), a_filing(declaration_id=TWO))
    (later,) = await filed(store, a_filing(declaration_id=TWO), now=NOW + timedelta(hours=1))

    assert (first.replayed, again.replayed, later.replayed) == (False, True, True)
    assert {first.declaration_id, again.declaration_id, later.declaration_id} == {ONE}
    assert later.received_at == NOW


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

    assert caught.value.code == "E-STATE"


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
