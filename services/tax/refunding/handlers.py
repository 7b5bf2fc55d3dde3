"""Refund handlers: goods are back, tax and quota go back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.tax.law.force import law
from services.tax.ports import TaxLedger
from services.tax.refunding import sayings
from services.tax.refunding.refunds import Refund, Release, refund_all
from services.tax.waking import wake
from shared.contracts.clearance import ReturnCompleted
from shared.contracts.envelope import Event


class RefundLedger(TaxLedger, Protocol):
    """The ledger, with what returns have given back."""

    async def releases_of(self, declaration_ids: Iterable[str]) -> Mapping[str, Release]:
        """The latest version of each declaration as it was assessed, with what its returns have given back."""

    async def keep_refunds(self, made: Sequence[Refund]) -> None:
        """Keep new refunds."""


async def on_returns_completed(
    batch: Sequence[ReturnCompleted], ledger: RefundLedger, now: datetime
) -> list[Event]:
    """Give back what the goods bore: less on the bill while it is unpaid, a credit afterwards; and the quota."""
    ids = [done.declaration_id for done in batch]
    balances = await ledger.lock_billed(ids)
    releases = await ledger.releases_of(ids)
    made = refund_all([sayings.goods_back(done) for done in batch], releases, balances, law(), now)
    await ledger.keep_refunds(made)
    await ledger.save(balances)
    await wake(balances, ledger, now)
    return [sayings.refunded(refund, done) for refund, done in zip(made, batch, strict=True)]
