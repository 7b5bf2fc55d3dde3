"""Bills and ledger: the same on the fake and on SQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from services.tax.bill_handlers import on_bills_collected, on_bills_paid, on_committed_unbilled
from services.tax.books.bills import begin_bill, end_of, month_of, terms_of
from services.tax.books.entries import MOVES, change_of
from services.tax.books.guarantee import GuaranteeFreed
from services.tax.books.payments import BillCommitted, CollectBill
from services.tax.taxes import Taxes
from shared.contracts.tax import BillIssued, BillOverdue, BillPaid, TaxCommitted
from shared.kernel.money import ZERO
from shared.kernel.refusal import Refusal
from tests.services.tax.billed import (
    BILL,
    LATER,
    MONTH,
    TAX,
    a_payment,
    issue,
    kinds,
    lapse,
    money,
    release,
    settle,
    vat,
    waived,
)
from tests.services.tax.cases import a_filing, a_line, a_permit, an_id, at
from tests.services.tax.desks import Desk, free, hear, pay, standing

FURTHER = f"{BILL[:-1]}2"


def test_every_movement_debits_what_it_credits() -> None:
    for move in MOVES:
        assets = sum(change_of(move, book, Decimal(1)) for book in ("bank", "due", "unsecured"))
        others = sum(change_of(move, book, Decimal(1)) for book in ("guarantee", "refundable", "levied"))
        assert assets == others
        assert move.debit != move.credit


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2025-11-30T15:59:59.999999+00:00", "2025-11"),
        ("2025-11-30T16:00:00+00:00", "2025-12"),
        ("2025-12-31T16:00:00+00:00", "2026-01"),
        ("2025-01-01T00:00:00+09:00", "2024-12"),
    ],
)
def test_a_month_is_chinas(moment: str, month: str) -> None:
    assert month_of(at(moment)) == month


def test_a_bill_closes_with_its_month_and_one_begun_late_a_day_later() -> None:
    assert end_of("2025-12") == datetime.fromisoformat("2026-01-01T00:00:00+08:00")
    now = end_of("2025-11")
    key = ("A", "B", "2025-11")
    assert begin_bill(key, 1, now - timedelta(microseconds=1)).closes_at == now
    assert begin_bill(key, 1, now).closes_at == now + timedelta(days=1)


def test_the_term_of_bills_is_the_offices() -> None:
    assert terms_of({}).payment == timedelta(days=15)
    assert terms_of({"TAX_BILL_TERM_DAYS": "30"}).payment == timedelta(days=30)


@pytest.mark.parametrize("days", ["", "0", "-1", "367", "15.5", "a month", "٥"])
def test_a_term_that_is_none_stops_the_start(days: str) -> None:
    with pytest.raises(ValueError, match="TAX_BILL_TERM_DAYS"):
        terms_of({"TAX_BILL_TERM_DAYS": days})


async def test_a_batch_of_permits_is_one_entry_and_an_item_each(desk: Desk) -> None:
    await pay(desk, "1000.00")
    await hear(desk, *(a_filing(a_line("100.00"), number=n, buyer=f"b{n}") for n in range(1, 6)))

    said = await hear(desk, *(a_permit(number) for number in range(1, 6)))

    items, bill = await desk.items_of(BILL), await desk.bill(BILL)
    assert await kinds(desk) == [("DEPOSIT", Decimal(1000)), ("RELEASE", 5 * TAX)]
    assert [(item.declaration_id, item.taxes, item.entry) for item in items] == [
        (an_id(number), vat("9.10"), 2) for number in range(1, 6)
    ]
    assert bill is not None
    assert (bill.status, bill.items, bill.total, bill.secured) == ("OPEN", 5, 5 * TAX, 5 * TAX)
    assert {event.bill_no for event in said if isinstance(event, TaxCommitted)} == {BILL}
    assert (await desk.deadlines())["IssueBill", next(iter(await subjects(desk)))] == end_of(MONTH)


async def subjects(desk: Desk) -> set[str]:
    return {subject for command, subject in await desk.deadlines() if command == "IssueBill"}


async def test_a_bill_adds_up_each_tax_of_its_month(desk: Desk) -> None:
    await pay(desk, "10000.00")
    cream = a_line("425.00", "3304990010", first_unit="g", first_quantity=Decimal(20))
    await hear(desk, a_filing(cream, number=1), a_filing(a_line("100.00"), number=2, buyer="other"))
    await hear(desk, a_permit(1))
    await hear(desk, a_permit(2))

    bill = await desk.bill(BILL)

    assert bill is not None
    assert bill.taxes == Taxes(consumption_tax=Decimal("52.50"), value_added_tax=Decimal("54.60"))
    assert bill.items == 2


async def test_an_issued_bill_says_what_is_due_and_when_and_takes_nothing_more(desk: Desk) -> None:
    await release(desk, 1)

    (said,) = await issue(desk)
    again = await issue(desk)
    await release(desk, 2)

    assert isinstance(said, BillIssued)
    assert (said.total, said.items, said.due_at) == (TAX, 1, LATER + timedelta(days=15))
    assert again == []
    first, further = await desk.bill(BILL), await desk.bill(FURTHER)
    assert first is not None
    assert further is not None
    assert (first.status, first.items, further.status, further.items) == ("ISSUED", 1, "OPEN", 1)


async def test_paying_frees_the_guarantee_and_wakes_who_waits_in_order(desk: Desk) -> None:
    await release(desk, 1, funds="10.00")
    await issue(desk)
    await hear(desk, *(a_filing(a_line("50.00"), number=n, buyer=f"b{n}") for n in (2, 3)))
    before = await free(desk)

    (said,) = await settle(desk, "9.10")
    again = await settle(desk, "9.10")

    orders = [order for order in await desk.deadlines() if order[0] == "GuaranteeFreed"]
    await hear(desk, *(GuaranteeFreed(declaration_id=an_id(n), version=1) for n in (2, 3)))
    assert isinstance(said, BillPaid)
    assert (said.amount, said.method, said.receipt_no) == (TAX, "BANK", f"R{BILL[1:]}")
    assert again == []
    assert before == Decimal("0.90")
    assert {subject for _, subject in orders} == {an_id(2), an_id(3)}
    assert [(await standing(desk, n))[0] for n in (2, 3)] == ["SECURED", "SECURED"]


async def test_an_unpaid_bill_falls_overdue_once_and_a_paid_one_never(desk: Desk) -> None:
    await release(desk, 1)
    await issue(desk)

    (said,) = await lapse(desk)
    again = await lapse(desk)
    await settle(desk, "9.10")
    await release(desk, 2)
    await issue(desk, FURTHER)
    await settle(desk, "9.10", "BANK-10", FURTHER)

    assert isinstance(said, BillOverdue)
    assert said.amount == TAX
    assert again == []
    assert await lapse(desk, FURTHER) == []


async def test_collecting_takes_the_guarantee_and_leaves_what_is_free(desk: Desk) -> None:
    await release(desk, 1)
    await issue(desk)
    await lapse(desk)
    before = await free(desk)

    (said,) = await desk.run(on_bills_collected, [CollectBill(bill_no=BILL, officer="o", reason="late")])

    assert isinstance(said, BillPaid)
    assert said.method == "GUARANTEE"
    assert await money(desk) == (Decimal("990.90"), ZERO, ZERO, ZERO)
    assert await free(desk) == before
    assert await kinds(desk) == [("DEPOSIT", Decimal(1000)), ("RELEASE", TAX), ("COLLECTION", TAX)]


async def test_tax_under_a_waiver_is_billed_though_nothing_secures_it(desk: Desk) -> None:
    await waived(desk)
    bill = await desk.bill(BILL)
    await issue(desk)
    await lapse(desk)

    with pytest.raises(Refusal, match=r"E-BILL-SHORT: 9\.10 is missing"):
        await desk.run(on_bills_collected, [CollectBill(bill_no=BILL, officer="o", reason="late")])
    owed = await money(desk)
    await settle(desk, "9.10")

    assert bill is not None
    assert (bill.total, bill.secured) == (TAX, ZERO)
    assert owed == (ZERO, ZERO, TAX, ZERO)
    assert await money(desk) == (ZERO, ZERO, ZERO, ZERO)


async def test_a_deposit_for_what_was_never_secured_goes_first_to_who_waits_and_the_cure_says_so(
    desk: Desk,
) -> None:
    collection = CollectBill(bill_no=BILL, officer="o", reason="late")
    await waived(desk)
    await issue(desk)
    await lapse(desk)
    await hear(desk, a_filing(a_line("100.00"), number=2))

    with pytest.raises(Refusal) as short:
        await desk.run(on_bills_collected, [collection])
    await pay(desk, str(TAX))
    await desk.run_freed()
    with pytest.raises(Refusal, match="E-BILL-SHORT"):
        await desk.run(on_bills_collected, [collection])
    await pay(desk, str(TAX), "BANK-2")

    assert short.value.fix.endswith(
        "a deposit of 9.10 beyond what waits for this account: that takes it first"
    )
    assert (await standing(desk, 2))[0] == "SECURED"
    assert await desk.run(on_bills_collected, [collection])


async def test_several_bills_are_paid_in_one_batch(desk: Desk) -> None:
    await release(desk, 1)
    await issue(desk)
    await release(desk, 2)
    await issue(desk, FURTHER)

    said = await desk.run(on_bills_paid, [a_payment("9.10"), a_payment("9.10", "BANK-10", FURTHER)], LATER)

    assert len(said) == 2
    assert await money(desk) == (Decimal(1000), ZERO, ZERO, ZERO)


async def test_an_order_to_bill_what_is_billed_changes_nothing(desk: Desk) -> None:
    await release(desk, 1)

    await desk.run(on_committed_unbilled, [BillCommitted(declaration_id=an_id(1), version=1)])

    assert len(await desk.items_of(BILL)) == 1
    assert len(await kinds(desk)) == 2
