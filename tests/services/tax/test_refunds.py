"""What a released declaration gives back: off its bill before payment, a credit afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.kernel.money import ZERO
from shared.kernel.refusal import Refusal
from tests.services.tax.billed import BILL, TAX, issue, kinds, lapse, money, release, settle, vat, waived
from tests.services.tax.cases import a_filing, a_line
from tests.services.tax.desks import Desk, free, hear, pay, standing


async def test_before_payment_a_refund_takes_it_off_the_bill_and_frees_the_guarantee(desk: Desk) -> None:
    await release(desk, 1, 2)
    before = await free(desk)

    noted = await desk.refund(1, vat("9.10"), Decimal(100))

    bill = await desk.bill(BILL)
    assert noted is not None
    assert bill is not None
    assert (noted.kind, noted.entry) == ("VOID", 3)
    assert (bill.total, bill.secured, bill.refunded) == (TAX, TAX, ZERO)
    assert await free(desk) == before + TAX
    assert await standing(desk, 1) == ("COMMITTED", ZERO, TAX)
    assert await kinds(desk) == [("DEPOSIT", Decimal(1000)), ("RELEASE", 2 * TAX), ("VOID", TAX)]


async def test_after_payment_a_refund_is_a_credit(desk: Desk) -> None:
    await release(desk, 1)
    await issue(desk)
    await settle(desk, "9.10")

    noted = await desk.refund(1, vat("4.00"), Decimal(40))

    bill = await desk.bill(BILL)
    assert noted is not None
    assert bill is not None
    assert noted.kind == "REFUND"
    assert (bill.total, bill.refunded, bill.status) == (TAX, Decimal("4.00"), "PAID")
    assert await money(desk) == (Decimal(1000), ZERO, ZERO, Decimal("4.00"))
    assert (await standing(desk, 1))[1] == 60


async def test_a_refund_under_a_waiver_frees_nothing_and_owes_less(desk: Desk) -> None:
    await waived(desk)

    await desk.refund(1, vat("9.10"), Decimal(100))

    assert await money(desk) == (ZERO, ZERO, ZERO, ZERO)


async def test_an_issued_bill_that_is_given_back_whole_awaits_no_payment(desk: Desk) -> None:
    await release(desk, 1)
    await issue(desk)
    await desk.refund(1, vat("9.10"), Decimal(100))

    with pytest.raises(Refusal, match=r"E-BILL-STATE: .* nothing is due"):
        await settle(desk, "9.10")
    assert await lapse(desk) == []


async def test_no_more_is_given_back_than_was_levied(desk: Desk) -> None:
    await release(desk, 1)
    await desk.refund(1, vat("5.00"), Decimal(50))

    with pytest.raises(ValueError, match="would get back more"):
        await desk.refund(1, vat("4.11"), Decimal(50))
    with pytest.raises(ValueError, match="would become negative"):
        await desk.refund(1, vat("4.10"), Decimal("50.01"))


async def test_what_is_not_released_has_nothing_to_give_back(desk: Desk) -> None:
    await pay(desk, "1000.00")
    await hear(desk, a_filing(a_line("100.00")))

    with pytest.raises(ValueError, match="has no bill"):
        await desk.refund(1, vat("1.00"), Decimal(1))
