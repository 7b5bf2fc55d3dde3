"""Withdrawal door: a tax officer pays out, or takes a deposit back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from services.tax.bill_handlers import on_money_withdrawn
from services.tax.books.guarantee import Deposit
from services.tax.books.withdrawals import Withdraw, Withdrawal
from services.tax.doors.account_shown import AccountOut, shown
from services.tax.store import SqlTaxLedger
from shared.runtime.access import Caller, allowed
from shared.runtime.doors import Doing, not_found, reader
from shared.runtime.fields import Amount, Code, Reason
from shared.runtime.patterns import PARTY
from shared.runtime.route import Door

router = Door()
Ledger = Annotated[SqlTaxLedger, Depends(reader(SqlTaxLedger))]
Officer = Annotated[Caller, Depends(allowed("reviews:tax"))]
Party = Annotated[str, Path(pattern=PARTY, description="Code of the guarantor.", examples=["PLATFORM01"])]


class PayoutIn(BaseModel):
    """What was sent back to the party's bank."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount = Field(gt=0, max_digits=14, decimal_places=2, description="CNY.", examples=["9.10"])
    reference: Code = Field(
        max_length=60,
        description="The bank's reference of the transfer: the same one again changes nothing.",
        examples=["BANK-2025-000789"],
    )
    reason: Reason = Field(examples=["goods of two declarations went back after payment"])


class CorrectionIn(BaseModel):
    """Which deposit never came."""

    model_config = ConfigDict(extra="forbid")

    reference: Code = Field(
        max_length=60, description="Of the deposit, as it was entered.", examples=["BANK-2025-000123"]
    )
    reason: Reason = Field(examples=["entered for another party"])


@router.post("/accounts/{party}/payouts", status_code=201, summary="Pay out what is to be given back")
async def pay_out(party: Party, body: PayoutIn, orders: Doing, ledger: Ledger, caller: Officer) -> AccountOut:
    """Once a reference, and no more than is refundable."""
    await shown(party, ledger)
    given = Withdrawal(
        party=party,
        kind="PAYOUT",
        reference=body.reference,
        amount=body.amount,
        reason=body.reason,
        made_by=caller.client_id,
    )
    await orders.run(on_money_withdrawn, Withdraw(withdrawal=given))
    return await shown(party, ledger)


@router.post("/accounts/{party}/corrections", status_code=201, summary="Take back a deposit that never came")
async def correct(
    party: Party, body: CorrectionIn, orders: Doing, ledger: Ledger, caller: Officer
) -> AccountOut:
    """The whole deposit, once, as far as it secures nothing. Its reference is not taken again."""
    amount = (await deposit_of(party, body.reference, ledger)).amount
    given = Withdrawal(
        party=party,
        kind="CORRECTION",
        reference=body.reference,
        amount=amount,
        reason=body.reason,
        made_by=caller.client_id,
    )
    await orders.run(on_money_withdrawn, Withdraw(withdrawal=given))
    return await shown(party, ledger)


async def deposit_of(party: str, reference: str, ledger: SqlTaxLedger) -> Deposit:
    """A deposit as it was entered."""
    found = await ledger.deposit_of(party, reference)
    if found is None:
        raise not_found("deposit")
    return found
