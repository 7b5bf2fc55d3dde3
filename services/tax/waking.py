"""Waking: who waits for a guarantee that has come free is looked at again."""

from __future__ import annotations

from datetime import datetime

from services.tax.balances import Balances
from services.tax.books.guarantee import who_fit
from services.tax.ports import TaxLedger


async def wake(balances: Balances, ledger: TaxLedger, now: datetime) -> None:
    """Who waits for a freed account and now fits is looked at again, under the head of its own declaration."""
    freed = {party: balances.accounts[party] for party in balances.freed if balances.accounts[party].free}
    if freed:
        await ledger.look_again(who_fit(await ledger.waiting_for(freed), freed), now)
