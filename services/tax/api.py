"""Tax door: assessments, accounts, deposits.

Assessments are read by the parties of their declaration and by officers. An account is seen by its guarantor and
by tax officers; deposits are entered by the latter, and in the sandbox by guarantors for themselves.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from services.tax.books.guarantee import Deposit, MakeDeposit
from services.tax.doors import accounts as account_door
from services.tax.doors import bills as bill_door
from services.tax.doors import callbacks as callback_door
from services.tax.doors import withdrawals as withdrawal_door
from services.tax.doors.account_shown import AccountOut, shown
from services.tax.doors.accounts import Party, must_keep
from services.tax.doors.advice import Adviser
from services.tax.handlers import on_deposits_made
from services.tax.quotes import door as quotes
from services.tax.shown import AssessmentOut, AssessmentsOut
from services.tax.store import SqlTaxLedger
from shared.kernel.ids import is_uuid
from shared.kernel.refusal import Refusal
from shared.runtime.access import Caller, TokenVerifier, allowed
from shared.runtime.doors import Doing, not_found, reader
from shared.runtime.fields import Amount, Code
from shared.runtime.route import Door

PATIENCE = 1.0
"""Seconds for which a word of registry is waited for before a party is called unknown."""
router = Door(prefix="/v1", tags=["tax"])
for routes in (
    quotes.router,
    account_door.router,
    bill_door.router,
    withdrawal_door.router,
    callback_door.router,
):
    router.include_router(routes)
Ledger = Annotated[SqlTaxLedger, Depends(reader(SqlTaxLedger))]


class DepositIn(BaseModel):
    """Money paid in."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount = Field(gt=0, max_digits=14, decimal_places=2, description="CNY.", examples=["100000.00"])
    reference: Code = Field(
        max_length=60,
        description="The bank's reference: the same one again changes nothing.",
        examples=["BANK-2025-000123"],
    )


async def depositor(party: Party, request: Request, caller: Adviser) -> Caller:
    """Who may pay in: a tax officer, and in the sandbox a party into its own account; of one that registry knows."""
    must_keep(party, caller)
    verifier: TokenVerifier = request.app.state.verifier
    if party != caller.party and not await is_registered(party, verifier):
        raise Refusal(
            "E-NOT-FOUND",
            f"there is no party {party}",
            status=404,
            rule="depositor",
            fix=f"correct the code, or register it first: PUT /v1/parties/{party}",
        )
    return caller


async def is_registered(party: str, verifier: TokenVerifier) -> bool:
    """Whether registry knows a party; its word may still be on its way."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while not verifier.knows(party) and loop.time() < until:
        await asyncio.sleep(0.05)
    return verifier.knows(party)


@router.get("/assessments/{declaration_id}", summary="How a declaration is taxed")
async def assessments_of(
    declaration_id: Annotated[str, Path(examples=["019732f0-2a80-7000-8000-000000000001"])],
    ledger: Ledger,
    caller: Annotated[Caller, Depends(allowed("declarations:read"))],
) -> AssessmentsOut:
    """Every version with its lines, the formula trace, and the rule set that was in force."""
    versions = await ledger.versions_of(declaration_id) if is_uuid(declaration_id) else []
    if not versions or not caller.may_read(versions[-1].holding.parties):
        raise not_found("assessment")
    refunds = (await ledger.refunds_of([declaration_id])).get(declaration_id, ())
    seen = [kept for kept in versions if caller.may_read(kept.holding.parties)]
    return AssessmentsOut(
        declaration_id=declaration_id, versions=[AssessmentOut.of(kept, refunds) for kept in seen]
    )


@router.get("/accounts/{party}", summary="A guarantee account")
async def account_of(
    party: Party, ledger: Ledger, caller: Annotated[Caller, Depends(allowed("accounts:read"))]
) -> AccountOut:
    """Balance, what is reserved and due, what is free, and how many declarations wait for it."""
    must_keep(party, caller)
    return await shown(party, ledger)


@router.post("/accounts/{party}/deposits", status_code=201, summary="Pay into a guarantee account")
async def deposit(
    party: Party,
    body: DepositIn,
    orders: Doing,
    ledger: Ledger,
    caller: Annotated[Caller, Depends(depositor)],
) -> AccountOut:
    """Once a reference. Declarations that wait for the account and now fit are secured, in order of filing."""
    must_keep(party, caller)
    given = Deposit(party=party, reference=body.reference, amount=body.amount, made_by=caller.client_id)
    await orders.run(on_deposits_made, MakeDeposit(deposit=given))
    return await shown(party, ledger)
