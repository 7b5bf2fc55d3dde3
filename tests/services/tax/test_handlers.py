"""Tax handlers: what is held, from filing to its end; on the fake and on SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.tax.domain import NotSecured
from services.tax.guarantee import GuaranteeFreed, PaymentLapsed
from services.tax.handlers import on_deposits_made, on_reviews_decided
from shared.contracts.tax import TaxAssessed, TaxCommitted, TaxRefused, TaxSecured, TaxVoided
from shared.kernel.money import ZERO
from shared.kernel.refusal import Refusal
from shared.kernel.review import DecideReview, Review, ReviewDecided, Verdict
from tests.services.tax.cases import (
    GUARANTOR,
    a_cancellation,
    a_deposit,
    a_filing,
    a_line,
    a_permit,
    a_refusal,
    an_id,
    yuan,
)
from tests.services.tax.desks import Desk, hear, pay, standing
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


async def free(desk: Desk) -> Decimal:
    account = await desk.account(GUARANTOR)
    return account.free if account else Decimal(0)


async def test_a_filing_is_assessed_and_secured(desk: Desk) -> None:
    await pay(desk, "100.00")

    (said,) = await hear(desk, a_filing(a_line("100.00")))

    assert isinstance(said, TaxAssessed)
    assert (said.gate.status, said.tax_total, said.rule_set) == ("PASSED", TAX_OF_100, "CN-CBEC-2019-01-01")
    assert said.lines[0].value_added_tax == TAX_OF_100
    assert await standing(desk) == ("SECURED", yuan("100.00"), TAX_OF_100)
    assert await desk.quota(THIS_YEAR) == (yuan("100.00"), ZERO)
    assert await free(desk) == yuan("90.90")


async def test_a_permit_uses_the_quota_and_makes_the_tax_due(desk: Desk) -> None:
    await pay(desk, "100.00")
    await hear(desk, a_filing(a_line("100.00")))

    (said,) = await hear(desk, a_permit())

    assert isinstance(said, TaxCommitted)
    assert (said.tax_total, said.quota_used) == (TAX_OF_100, yuan("100.00"))
    assert await desk.quota(THIS_YEAR) == (ZERO, yuan("100.00"))
    account = await desk.account(GUARANTOR)
    assert account is not None
    assert (account.reserved, account.due, account.free) == (ZERO, TAX_OF_100, yuan("90.90"))


@pytest.mark.parametrize("end", [a_refusal(), a_cancellation(), a_refusal(version=2)])
async def test_an_end_without_a_permit_gives_everything_back_once(desk: Desk, end: object) -> None:
    await pay(desk, "100.00")
    await hear(desk, a_filing(a_line("100.00")))

    (said,) = await hear(desk, end)
    again = await hear(desk, end)

    assert isinstance(said, TaxVoided)
    assert (said.quota_returned, said.guarantee_returned) == (yuan("100.00"), TAX_OF_100)
    assert again == []
    assert await standing(desk) == ("VOIDED", ZERO, ZERO)
    assert await desk.quota(THIS_YEAR) == (ZERO, ZERO)
    assert await free(desk) == yuan("100.00")


async def test_the_end_of_a_filing_that_tax_refused_says_nothing(desk: Desk) -> None:
    (said,) = await hear(desk, a_filing(a_line("3000.00"), a_line("3000.00")))

    assert isinstance(said, TaxAssessed)
    assert (said.gate.status, said.tax_total, said.lines) == ("REFUSED", ZERO, ())
    assert await hear(desk, a_refusal()) == []


async def test_a_refusal_of_an_older_version_leaves_the_newer_alone(desk: Desk) -> None:
    await pay(desk, "100.00")
    filing = a_filing(a_line("100.00"))
    await hear(desk, filing)
    await hear(desk, replace(filing, version=2))

    said = await hear(desk, a_refusal(version=1))

    assert said == []
    assert (await standing(desk))[0] == "SECURED"


async def test_a_new_version_moves_the_balances_once(desk: Desk) -> None:
    await pay(desk, "10.00")
    await hear(desk, a_filing(a_line("100.00")))

    (said,) = await hear(desk, a_filing(a_line("109.00"), version=2))

    assert isinstance(said, TaxAssessed)
    assert (said.gate.status, said.tax_total) == ("PASSED", yuan("9.92"))
    assert [kept.holding.status for kept in await desk.kept(1)] == ["SUPERSEDED", "SECURED"]
    assert await desk.quota(THIS_YEAR) == (yuan("109.00"), ZERO)
    assert await free(desk) == yuan("0.08")


async def test_filings_of_one_batch_see_each_others_reservations(desk: Desk) -> None:
    await pay(desk, "1000.00")
    filings = [a_filing(a_line("5000.00"), number=number, buyer=BUYER) for number in range(1, 7)]

    said = await hear(desk, *filings)

    codes = [event.gate.code for event in said if isinstance(event, TaxAssessed)]
    assert codes == ["SECURED"] * 2 + ["AWAITING_PAYMENT"] * 3 + ["E-LIMIT-YEAR"]
    assert await desk.quota(THIS_YEAR) == (yuan("25000.00"), ZERO)
    assert await free(desk) == yuan("90.00")


async def test_what_the_account_cannot_secure_waits_with_owner_amounts_and_due_time(desk: Desk) -> None:
    await pay(desk, "5.00")

    (said,) = await hear(desk, a_filing(a_line("100.00")))

    assert isinstance(said, TaxAssessed)
    gate = said.gate
    assert (gate.status, gate.code, gate.awaits) == ("HELD", "AWAITING_PAYMENT", "guarantor")
    assert gate.reason == (
        "9.10 needed, 5.00 free on the guarantee account of AGENT00001: deposit at least 4.10"
    )
    assert gate.due_at == NOW + timedelta(days=15)
    assert await standing(desk) == ("WAITING", yuan("100.00"), ZERO)
    assert await desk.open_reviews() == {an_id(1)}
    assert await desk.deadlines() == {("PaymentLapsed", an_id(1)): gate.due_at}


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


async def test_a_permit_for_what_is_not_secured_is_an_error_not_an_event(desk: Desk) -> None:
    with pytest.raises(NotSecured):
        await hear(desk, a_permit())


async def test_a_kept_assessment_reads_back_as_it_was(desk: Desk) -> None:
    await pay(desk, "100.00")
    filing = a_filing(a_line("60.00"), a_line("40.00", "4901990000"), freight="10.01")

    (said,) = await hear(desk, filing)

    (kept,) = await desk.kept(1)
    assert isinstance(said, TaxAssessed)
    assert kept.working.tax_total == kept.holding.tax_total == said.tax_total
    assert kept.holding.parties == filing.parties
    assert kept.holding.filed_at == filing.filed_at
    assert str(kept.working.lines[0].freight) == "6.01"
