"""Account door: all accounts, who waits for one, what was paid in.

An account is confidential: it is seen by its own party and by tax officers, and is absent for anybody else.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import BaseModel, Field

from services.tax.books.accounts import SqlAccountReading
from services.tax.books.guarantee import Account
from services.tax.doors.account_shown import AccountOut, known
from services.tax.store import SqlTaxLedger
from shared.runtime.access import Caller, allowed
from shared.runtime.challenges import refuse_scope
from shared.runtime.doors import not_found, reader
from shared.runtime.fields import COUNTED
from shared.runtime.patterns import PARTY
from shared.runtime.route import Door

router = Door()
Reading = Annotated[SqlAccountReading, Depends(reader(SqlAccountReading))]
Ledger = Annotated[SqlTaxLedger, Depends(reader(SqlTaxLedger))]
Reader = Annotated[Caller, Depends(allowed("accounts:read"))]
Party = Annotated[str, Path(pattern=PARTY, description="Code of the guarantor.", examples=["PLATFORM01"])]
Limit = Annotated[int, Field(ge=1, le=200), COUNTED]


class AccountsOut(BaseModel):
    """Some accounts, in the order of their parties."""

    items: list[AccountOut]
    next_after: str | None = Field(description="The `after` of the next page; null on the last.")


class HoldOut(BaseModel):
    """A declaration that waits for an account."""

    declaration_id: str
    version: int
    filed_at: datetime
    needed: Decimal = Field(description="Its tax, CNY: all of it must be free at once.")
    missing: Decimal = Field(
        description="To be paid in for this one alone; 0 while it only waits for its turn."
    )
    due_at: datetime | None = Field(description="Then it is secured if it fits, or refused (`E-GUARANTEE`).")


class HoldsOut(BaseModel):
    """Who waits, in the order in which they are served; one that fits when its term is over is served out of turn."""

    items: list[HoldOut]


class PaidInOut(BaseModel):
    """A deposit."""

    reference: str
    amount: Decimal
    made_by: str = Field(description="The client that entered it.")
    made_at: datetime


class PaidInsOut(BaseModel):
    """Deposits, the latest first."""

    items: list[PaidInOut]


@router.get("/accounts", summary="The guarantee accounts")
async def accounts(
    reading: Reading,
    caller: Reader,
    after: Annotated[str | None, Query(pattern=PARTY, description="The party to go on after.")] = None,
    limit: Limit = 100,
) -> AccountsOut:
    """Every account, for tax officers."""
    if not caller.is_officer_of("tax"):
        refuse_scope("reviews:tax", caller.scopes)
    found = await reading.accounts(after or "", limit + 1)
    items = [AccountOut.of(account, waiting) for account, waiting in found[:limit]]
    return AccountsOut(items=items, next_after=items[-1].party if len(found) > limit else None)


@router.get("/accounts/{party}/waiting", summary="Who waits for a guarantee account")
async def waiting(
    party: Party, reading: Reading, ledger: Ledger, caller: Reader, limit: Limit = 100
) -> HoldsOut:
    """Declarations that wait, since when, until when, and what has to be paid in for each."""
    account = await kept(party, caller, ledger)
    holds = await reading.waiting_for(party, limit)
    return HoldsOut(
        items=[
            HoldOut(
                declaration_id=hold.declaration_id,
                version=hold.version,
                filed_at=hold.filed_at,
                needed=hold.needed,
                missing=hold.missing(account),
                due_at=hold.due_at,
            )
            for hold in holds
        ]
    )


@router.get("/accounts/{party}/deposits", summary="What was paid into a guarantee account")
async def deposits(
    party: Party, reading: Reading, ledger: Ledger, caller: Reader, limit: Limit = 100
) -> PaidInsOut:
    """The latest deposits, each with the bank's reference."""
    await kept(party, caller, ledger)
    return PaidInsOut(
        items=[
            PaidInOut(reference=each.reference, amount=each.amount, made_by=each.made_by, made_at=made_at)
            for each, made_at in await reading.deposits_of(party, limit)
        ]
    )


async def kept(party: str, caller: Caller, ledger: SqlTaxLedger) -> Account:
    """An account that the caller may see."""
    must_keep(party, caller)
    return await known(party, ledger)


def must_keep(party: str, caller: Caller) -> None:
    """An account that is neither the caller's own nor a tax officer's business is absent."""
    if party != caller.party and not caller.is_officer_of("tax"):
        raise not_found("account")
