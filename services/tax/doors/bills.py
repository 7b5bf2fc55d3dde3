"""Bill door: ledgers, bills, payments, receipts.

A party sees its own: the ledger of its account, the bills it declares or secures, their receipts. Tax officers see
all of them, issue a bill before its month is over, and collect an overdue one.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.tax.bill_handlers import on_bills_closed, on_bills_collected, on_bills_paid
from services.tax.books.bills import BILL_NO, MONTH, Bill, BillItem
from services.tax.books.payments import CollectBill, IssueBill, PayBill, Payment
from services.tax.books.reading import Shown, SqlBillReading, Wanted
from services.tax.doors.accounts import Ledger, Party, Reader, kept
from services.tax.doors.advice import Adviser
from services.tax.doors.bill_shown import (
    BILL,
    BillOut,
    BillsOut,
    BillWithItemsOut,
    EntriesOut,
    EntryOut,
    ItemOut,
    ReceiptOut,
)
from services.tax.doors.cursors import cursor_of, place_of
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import Doing, not_found, reader
from shared.runtime.fields import COUNTED, Amount, Code, Reason
from shared.runtime.patterns import PARTY, UUID
from shared.runtime.route import Door

router = Door()
Reading = Annotated[SqlBillReading, Depends(reader(SqlBillReading))]
Officer = Annotated[Caller, Depends(allowed("reviews:tax"))]
BillNo = Annotated[str, Path(max_length=80, description="Number of a bill.", examples=[BILL])]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Field(ge=1, le=100), COUNTED]
_SEQ = re.compile("[1-9][0-9]{0,8}")
_ITEM = re.compile(f"{UUID[1:-1]} [0-9]{{1,9}} [A-Z]{{1,10}}")


class PaymentIn(BaseModel):
    """What a bank has advised."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount = Field(
        gt=0, max_digits=14, decimal_places=2, description="CNY: the bill's total.", examples=["29.12"]
    )
    reference: Code = Field(
        max_length=60,
        description="The bank's reference: the same one again changes nothing.",
        examples=["BANK-2025-000456"],
    )


class CollectionIn(BaseModel):
    """Why an officer takes an overdue bill out of the guarantee."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(examples=["15 days over its term, no answer to two reminders"])


@router.get("/accounts/{party}/entries", summary="The ledger of an account")
async def entries_of(  # noqa: PLR0913, PLR0917 (as many as the answer hangs on)
    party: Party,
    reading: Reading,
    ledger: Ledger,
    caller: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EntriesOut:
    """Every movement of money, newest first, with the six books after it. Entries are never altered."""
    await kept(party, caller, ledger)
    place = place_of(cursor, _SEQ)
    found = await reading.entries_of(party, int(place) if place else None, limit + 1)
    following = cursor_of(str(found[limit - 1].seq)) if len(found) > limit else None
    return EntriesOut(party=party, items=list(map(EntryOut.of, found[:limit])), next_cursor=following)


@router.get("/bills", summary="Bills, newest month first")
async def list_bills(  # noqa: PLR0913, PLR0917 (as many as there are filters)
    reading: Reading,
    caller: Reader,
    declarant: Annotated[str | None, Query(pattern=PARTY, examples=["AGENT00001"])] = None,
    party: Annotated[str | None, Query(pattern=PARTY, description="That it declares or secures.")] = None,
    month: Annotated[str | None, Query(pattern=f"^{MONTH.pattern}$", examples=["2025-11"])] = None,
    status: Annotated[Shown | None, Query(description="How they stand.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> BillsOut:
    """Those that the caller declares or secures; of every party for a tax officer."""
    own = "" if caller.is_officer_of("tax") else caller.party
    wanted = Wanted(declarant=declarant, party=party, month=month, status=status, reader=own)
    found = await reading.bills(wanted, place_of(cursor, BILL_NO), limit + 1)
    following = cursor_of(found[limit - 1].bill_no) if len(found) > limit else None
    return BillsOut(items=list(map(BillOut.of, found[:limit])), next_cursor=following)


@router.get("/bills/{bill_no}", summary="A bill with its items")
async def get_bill(
    bill_no: BillNo, reading: Reading, caller: Reader, cursor: Cursor = None, limit: Limit = 50
) -> BillWithItemsOut:
    """What is owed for a month, and for which declarations, a page at a time."""
    return await shown(await readable(bill_no, reading, caller), reading, cursor, limit)


@router.post("/bills/{bill_no}/payments", status_code=201, summary="A bank's advice that a bill is paid")
async def pay_bill(
    bill_no: BillNo, body: PaymentIn, orders: Doing, reading: Reading, caller: Adviser
) -> ReceiptOut:
    """Once a reference, and the whole amount. Declarations that wait for what comes free are secured in order."""
    await readable(bill_no, reading, caller)
    payment = Payment(
        bill_no=bill_no,
        method="BANK",
        channel="bank",
        reference=body.reference,
        amount=body.amount,
        made_by=caller.client_id,
    )
    await orders.run(on_bills_paid, PayBill(bill_no=bill_no, payment=payment))
    return await receipt(bill_no, reading)


@router.post("/bills/{bill_no}/issue", summary="Issue a bill before its month is over")
async def issue_bill(bill_no: BillNo, orders: Doing, reading: Reading, caller: Officer) -> BillWithItemsOut:
    """By a tax officer, as when a declarant leaves the trade. What is released later goes to a further bill."""
    await readable(bill_no, reading, caller)
    await orders.run(on_bills_closed, IssueBill(bill_no=bill_no))
    return await shown(await readable(bill_no, reading, caller), reading)


@router.post("/bills/{bill_no}/collection", status_code=201, summary="Collect an overdue bill")
async def collect_bill(
    bill_no: BillNo, body: CollectionIn, orders: Doing, reading: Reading, caller: Officer
) -> ReceiptOut:
    """By a tax officer, with a reason, out of the guarantee account."""
    await readable(bill_no, reading, caller)
    order = CollectBill(bill_no=bill_no, officer=caller.client_id, reason=body.reason)
    await orders.run(on_bills_collected, order)
    return await receipt(bill_no, reading)


@router.get("/receipts/{receipt_no}", summary="The receipt of a payment")
async def get_receipt(
    receipt_no: Annotated[str, Path(max_length=80, examples=[f"R{BILL[1:]}"])],
    reading: Reading,
    caller: Reader,
) -> ReceiptOut:
    """For the parties of the bill."""
    bill_no = f"B{receipt_no[1:]}"
    if not receipt_no.startswith("R") or not BILL_NO.fullmatch(bill_no):
        raise not_found("receipt")
    found = await reading.receipt_for(bill_no)
    if found is None or not may_see(caller, found.parties):
        raise not_found("receipt")
    return ReceiptOut.of(found)


async def readable(bill_no: str, reading: SqlBillReading, caller: Caller) -> Bill:
    """A bill that is there, and the caller's to see."""
    bill = await reading.bill(bill_no) if BILL_NO.fullmatch(bill_no) else None
    if bill is None or not may_see(caller, bill.parties):
        raise not_found("bill")
    return bill


def may_see(caller: Caller, parties: tuple[str, ...]) -> bool:
    """Money is seen by its parties and by tax officers, by no other officer."""
    return caller.party in parties or caller.is_officer_of("tax")


async def shown(
    bill: Bill, reading: SqlBillReading, cursor: str | None = None, limit: int = 50
) -> BillWithItemsOut:
    """A bill with a page of its items."""
    place = place_of(cursor, _ITEM)
    after = place.split(" ") if place else None
    found = await reading.items_of(
        bill.bill_no, (after[0], int(after[1]), after[2]) if after else None, limit + 1
    )
    following = cursor_of(_place(found[limit - 1])) if len(found) > limit else None
    items = list(map(ItemOut.of, found[:limit]))
    return BillWithItemsOut(**BillOut.of(bill).model_dump(), items=items, next_cursor=following)


def _place(item: BillItem) -> str:
    return f"{item.declaration_id} {item.entry} {item.kind}"


async def receipt(bill_no: str, reading: SqlBillReading) -> ReceiptOut:
    """The receipt of a bill that was just paid."""
    found = await reading.receipt_for(bill_no)
    if found is None:
        raise not_found("receipt")
    return ReceiptOut.of(found)
