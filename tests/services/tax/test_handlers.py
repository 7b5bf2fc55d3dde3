"""Tax handlers: what is held, from filing to its end; on the fake and on SQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.tax.domain import NotSecured
from shared.contracts.tax import TaxAssessed, TaxCommitted, TaxVoided
from shared.kernel.money import ZERO
from tests.services.tax.cases import (
    GUARANTOR,
    a_cancellation,
    a_filing,
    a_line,
    a_permit,
    a_refusal,
    yuan,
)
from tests.services.tax.desks import Desk, free, hear, pay, standing
from tests.support.builders import a_declaration_submitted

BUYER = a_declaration_submitted().buyer
THIS_YEAR = (BUYER, 2025)
TAX_OF_100 = yuan("9.10")


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
