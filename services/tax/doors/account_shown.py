"""Account shown: a guarantee account as its party reads it."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, Field

from services.tax.books.guarantee import Account
from services.tax.store import SqlTaxLedger
from shared.runtime.doors import not_found


class AccountOut(BaseModel):
    """A guarantee account, CNY. Always reserved + due <= balance."""

    party: str
    balance: Decimal
    reserved: Decimal = Field(description="Secures declarations that are not decided yet.")
    due: Decimal = Field(description="Owed for goods that were released, and secured by the account.")
    unsecured: Decimal = Field(description="Owed for goods that were released under a waiver.")
    refundable: Decimal = Field(description="Paid, and to be given back.")
    free: Decimal = Field(description="What may still secure something.")
    waiting: int = Field(description="Declarations that wait for this account.")

    @classmethod
    def of(cls, account: Account, waiting: int) -> AccountOut:
        """As shown."""
        return cls(
            party=account.party,
            balance=account.balance,
            reserved=account.reserved,
            due=account.due,
            unsecured=account.unsecured,
            refundable=account.refundable,
            free=account.free,
            waiting=waiting,
        )


async def shown(party: str, ledger: SqlTaxLedger) -> AccountOut:
    """The account as it stands now."""
    return AccountOut.of(await known(party, ledger), await ledger.count_waiting(party))


async def known(party: str, ledger: SqlTaxLedger) -> Account:
    """An account, if there is one."""
    account = await ledger.account_of(party)
    if account is None:
        raise not_found("account")
    return account
