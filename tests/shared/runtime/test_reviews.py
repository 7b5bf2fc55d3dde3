"""Two officers cannot decide the same item."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview
from shared.runtime.reviews import claim_review, close_reviews, deciding, open_reviews, read_review
from shared.runtime.unit_of_work import UnitOfWork
from tests.support.builders import a_declaration_id
from tests.support.toy import REVIEW, a_filing, a_message, on_reviews_decided, rows

DECIDE = deciding(on_reviews_decided)


def an_order(lease_no: int = 1, officer: str = "first", version: int = 1) -> DecideReview:
    return DecideReview(
        declaration_id=a_declaration_id(),
        version=version,
        lease_no=lease_no,
        verdict="pass",
        reason="papers in order",
        officer=officer,
    )


async def claim(work: UnitOfWork, officer: str) -> int:
    async with work.engine.begin() as connection:
        return (await claim_review(connection, a_declaration_id(), officer)).lease_no


async def open_one(work: UnitOfWork) -> None:
    await work.run([a_message(a_filing(order_no=REVIEW))])


async def lapse(work: UnitOfWork) -> None:
    async with work.engine.begin() as connection:
        await connection.execute(sa.text("update reviews set lease_until = now() - interval '1 s'"))


async def test_a_claimed_item_is_decided_once_and_leaves_the_queue(work: UnitOfWork) -> None:
    await open_one(work)
    lease_no = await claim(work, "first")

    await work.command(DECIDE, an_order(lease_no))

    assert await rows(work.engine, "select count(*) from reviews") == [(0,)]
    assert len(await rows(work.engine, "select 1 from outbox")) == 1


async def test_another_officer_cannot_claim_while_the_lease_runs(work: UnitOfWork) -> None:
    await open_one(work)
    await claim(work, "first")

    with pytest.raises(Refusal) as refused:
        await claim(work, "second")

    assert refused.value.code == "E-REVIEW-CLAIMED"


async def test_the_first_officer_cannot_decide_after_the_lease_lapsed_and_another_claimed(
    work: UnitOfWork,
) -> None:
    await open_one(work)
    first = await claim(work, "first")
    await lapse(work)
    await claim(work, "second")

    with pytest.raises(Refusal) as refused:
        await work.command(DECIDE, an_order(first, "first"))

    assert refused.value.code == "E-REVIEW-LEASE"


@pytest.mark.parametrize("is_closed_between", [True, False])
async def test_a_late_decision_about_what_was_open_before_is_refused(
    work: UnitOfWork, is_closed_between: bool
) -> None:
    await open_one(work)
    first = await claim(work, "first")
    async with work.engine.begin() as connection:
        review = await read_review(connection, a_declaration_id())
        assert review is not None
        if is_closed_between:
            await close_reviews(connection, [review.declaration_id])
        await open_reviews(connection, [replace(review, code="ANOTHER", lease_no=0, officer="")])
    second = await claim(work, "first")

    with pytest.raises(Refusal) as refused:
        await work.command(DECIDE, an_order(first))

    assert refused.value.code == "E-REVIEW-LEASE"
    assert len(await work.command(DECIDE, an_order(second))) == 1


async def test_of_two_decisions_at_once_one_is_refused(work: UnitOfWork) -> None:
    await open_one(work)
    lease_no = await claim(work, "first")

    answers = await asyncio.gather(
        *(work.command(DECIDE, an_order(lease_no)) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"E-REVIEW-OVER"}


async def test_a_decision_about_a_superseded_version_is_refused(work: UnitOfWork) -> None:
    await open_one(work)
    await claim(work, "first")
    await work.run([a_message(a_filing(order_no=REVIEW, version=2), 2)])

    with pytest.raises(Refusal) as refused:
        await work.command(DECIDE, an_order(1, version=1))

    assert refused.value.status == 409
