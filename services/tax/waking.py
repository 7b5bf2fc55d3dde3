"""Waking: who waits for a guarantee that has come free is looked at again."""

from __future__ import annotations

from datetime import datetime

from services.tax.balances import Balances
from services.tax.books.guarantee import offers_of, who_fit
from services.tax.ports import TaxLedger


async def wake(balances: Balances, ledger: TaxLedger, now: datetime) -> None:
    """Who waits for a freed account and now fits is looked at again, under the head of its own declaration.

    So many at once at the most, the earliest first; when those are looked at, their account counts as freed, and
    whoever is next is woken.
    """
    free = {party: left for party in balances.freed if (left := balances.accounts[party].free)}
    if free and (offers := offers_of(free, await ledger.promised(free))):
        await ledger.look_again(who_fit(await ledger.waiting_for(offers), offers), now)
