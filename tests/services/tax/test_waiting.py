"""Waiting: filings that their guarantor does not secure yet; on the fake and on SQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.tax.books.guarantee import GuaranteeFreed, PaymentLapsed
from services.tax.handlers import on_deposits_made, on_reviews_decided
from shared.contracts.tax import TaxAssessed, TaxCommitted, TaxRefused, TaxSecured
from shared.kernel.money import ZERO
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review, ReviewDecided, Verdict
from tests.services.tax.cases import (
    a_cancellation,
    a_deposit,
    a_filing,
    a_line,
    a_permit,
    an_id,
    assessed,
    yuan,
)
from tests.services.tax.desks import Desk, free, hear, pay, standing
from tests.support.builders import NOW, PARTIES, a_declaration_submitted

BUYER = a_declaration_submitted().buyer
THIS_YEAR = (BUYER, 2025)
TAX_OF_100 = yuan("9.10")


def lapsed(number: int, version: int = 1) -> PaymentLapsed:
    return PaymentLapsed(declaration_id=an_id(number), version=version)


def freed(number: int, version: int = 1) -> GuaranteeFreed:
    return GuaranteeFreed(declaration_id=an_id(number), version=version)


def decided(number: int, verdict: Verdict, reason: str = "letter of Harbour Bank 42") -> ReviewDecided:
    review = Review(
        declaration_id=an_id(number),
        version=1,
        code="AWAITING_PAYMENT",
        reason="",
        parties=PARTIES,
        opened_at=NOW,
        due_at=NOW,
    )
    order = DecideReview(
        declaration_id=an_id(number), version=1, lease_no=1, verdict=verdict, reason=reason, officer="tax-1"
    )
    return ReviewDecided(review=review, order=order)


async def test_what_the_account_cannot_secure_waits_with_owner_amounts_and_due_time(desk: Desk) -> None:
    await pay(desk, "5.00")

    (said,) = await hear(desk, a_filing(a_line("100.00")))

    assert isinstance(said, TaxAssessed)
    gate = said.gate
    assert (gate.status, gate.code, gate.awaits) == ("HELD", "AWAITING_PAYMENT", "guarantor")
    assert gate.reason == (
        "9.10 needed, more than is free on the guarantee account of AGENT00001, "
        "who finds what is missing at GET /v1/accounts/AGENT00001/waiting"
    )
    assert gate.due_at == NOW + timedelta(days=15)
    assert await standing(desk) == ("WAITING", yuan("100.00"), ZERO)
    assert await desk.open_reviews() == {an_id(1)}
    assert await desk.deadlines() == {("PaymentLapsed", an_id(1)): gate.due_at}


def test_what_the_parties_of_a_filing_hear_is_the_same_whatever_the_account_has_free() -> None:
    filing = a_filing(a_line("100.00"))

    made = [assessed(filing, balance=yuan(free)) for free in ("0.00", "5.00", "9.09")]

    assert made[0].gate.code == "AWAITING_PAYMENT"
    assert made[0] == made[1] == made[2]


async def test_a_payment_that_does_not_come_refuses_and_gives_the_quota_back(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00")))

    (said,) = await hear(desk, lapsed(1))
    again = await hear(desk, lapsed(1))

    assert isinstance(said, TaxRefused)
    assert (said.gate.status, said.gate.code) == ("REFUSED", "E-GUARANTEE")
    assert again == []
    assert await desk.quota(THIS_YEAR) == (ZERO, ZERO)
    assert await desk.open_reviews() == set()


async def test_a_deposit_wakes_in_order_of_filing_those_that_fit(desk: Desk) -> None:
    early, dear, late = (
        a_filing(a_line(price), number=number, filed_at=NOW + timedelta(minutes=number))
        for number, price in ((1, "100.00"), (2, "900.00"), (3, "100.00"))
    )
    await hear(desk, late, dear, early)

    await pay(desk, "18.20")

    woken = {key[1] for key in await desk.deadlines() if key[0] == "GuaranteeFreed"}
    assert woken == {an_id(1), an_id(3)}


async def test_what_is_promised_to_one_is_not_offered_to_a_later_one(desk: Desk) -> None:
    await hear(desk, *(a_filing(a_line("100.00"), number=number) for number in (1, 2, 3)))

    await pay(desk, "9.10", "BANK-1")
    await pay(desk, "9.10", "BANK-2")

    woken = {key[1] for key in await desk.deadlines() if key[0] == "GuaranteeFreed"}
    assert woken == {an_id(1), an_id(2)}


async def test_what_an_order_finds_too_little_is_offered_to_who_needs_less(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00"), number=1), a_filing(a_line("50.00"), number=2))
    await pay(desk, "9.10")
    await hear(desk, a_filing(a_line("20.00"), number=3))

    said = await hear(desk, freed(1))

    assert said == []
    assert ("GuaranteeFreed", an_id(2)) in await desk.deadlines()


async def test_a_freed_guarantee_secures_who_still_waits_and_fits(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00"), number=1), a_filing(a_line("100.00"), number=2))
    await pay(desk, "10.00")

    (said,) = await hear(desk, freed(1))
    second = await hear(desk, freed(2))
    again = await hear(desk, freed(1))

    assert isinstance(said, TaxSecured)
    assert (said.gate.status, said.tax_total) == ("PASSED", TAX_OF_100)
    assert second == again == []
    assert await standing(desk, 1) == ("SECURED", yuan("100.00"), TAX_OF_100)
    assert await standing(desk, 2) == ("WAITING", yuan("100.00"), ZERO)
    assert await desk.open_reviews() == {an_id(2)}


async def test_an_end_wakes_who_waits_for_the_same_account(desk: Desk) -> None:
    await pay(desk, "10.00")
    await hear(desk, a_filing(a_line("100.00"), number=1), a_filing(a_line("100.00"), number=2))

    await hear(desk, a_cancellation(1))

    assert ("GuaranteeFreed", an_id(2)) in await desk.deadlines()


async def test_a_superseded_version_is_neither_lapsed_nor_secured(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00")))
    await hear(desk, a_filing(a_line("200.00"), version=2))

    assert await hear(desk, lapsed(1, version=1)) == []
    assert await hear(desk, freed(1, version=1)) == []
    assert await standing(desk) == ("WAITING", yuan("200.00"), ZERO)
    assert await desk.open_reviews() == {an_id(1)}


async def test_an_officer_may_waive_the_guarantee(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00")))

    (said,) = await desk.run(on_reviews_decided, [decided(1, "pass")])

    assert isinstance(said, TaxSecured)
    assert (said.gate.code, said.gate.reason) == ("GUARANTEE_WAIVED", "letter of Harbour Bank 42")
    assert await standing(desk) == ("SECURED", yuan("100.00"), ZERO)
    (permitted,) = await hear(desk, a_permit())
    assert isinstance(permitted, TaxCommitted)
    assert permitted.tax_total == TAX_OF_100


async def test_an_officer_may_refuse_and_the_quota_goes_back(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00")))

    (said,) = await desk.run(on_reviews_decided, [decided(1, "refuse")])

    assert isinstance(said, TaxRefused)
    assert said.gate.code == "REFUSED_BY_OFFICER"
    assert await desk.quota(THIS_YEAR) == (ZERO, ZERO)


async def test_an_officer_decides_with_a_reason_and_only_what_waits(desk: Desk) -> None:
    await hear(desk, a_filing(a_line("100.00")))

    with pytest.raises(Refusal, match="E-REVIEW-REASON"):
        await desk.run(on_reviews_decided, [decided(1, "pass", reason=" ")])
    with pytest.raises(Refusal, match="E-REVIEW-OVER"):
        await desk.run(on_reviews_decided, [decided(2, "pass")])


async def test_a_deposit_counts_once_a_reference(desk: Desk) -> None:
    await desk.run(on_deposits_made, [a_deposit("100.00", "B-1"), a_deposit("100.00", "B-1")])
    await desk.run(on_deposits_made, [a_deposit("100.00", "B-1")])

    with pytest.raises(Refusal, match="E-DUP-CONFLICT"):
        await desk.run(on_deposits_made, [a_deposit("99.00", "B-1")])

    assert await free(desk) == yuan("100.00")
