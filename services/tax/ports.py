"""Ports: what the tax handlers need of a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from services.tax.assessment import Assessment
from services.tax.balances import Balances
from services.tax.books.bills import Terms
from services.tax.books.guarantee import Deposit, GuaranteeFreed, Offer, Promised, Waiting
from services.tax.books.payments import AboutBill, Payment, Receipt
from services.tax.books.withdrawals import Withdrawal, WithdrawalKey
from services.tax.notes import NoteKey
from services.tax.rules import Filing


class TaxLedger(Protocol):
    """Holdings, quotas, accounts and bills, under the locks of one transaction."""

    terms: Terms
    """What the office has set."""

    async def lock(self, filings: Sequence[Filing], notes: Iterable[NoteKey] = ()) -> Balances:
        """What the filings and the versions before them touch: accounts, quotas, noted goods, each in key order."""

    async def lock_holdings(self, declaration_ids: Iterable[str]) -> Balances:
        """The latest versions of declarations and what they touch, in the same order."""

    async def lock_billing(self, months: Mapping[str, str]) -> Balances:
        """The same, and the last bill of each, where its month is named by declaration."""

    async def lock_billed(self, declaration_ids: Iterable[str]) -> Balances:
        """The same, and the bill that each released version is on."""

    async def lock_bills(self, numbers: Iterable[str]) -> Balances:
        """Bills, and the accounts of their guarantors. A bill that there is not is not in it."""

    async def lock_accounts(self, parties: Iterable[str]) -> Balances:
        """Accounts alone."""

    async def save(self, balances: Balances, made: Sequence[Assessment] = ()) -> None:
        """Balances, ledger, bills, changed holdings, new assessments; deadlines and reviews of those that wait."""

    async def promised(self, free: Mapping[str, Decimal]) -> dict[str, Promised]:
        """By account, what those need of what it has free that are to be looked at already."""

    async def waiting_for(self, offers: Sequence[Offer]) -> list[Waiting]:
        """Filings, in order of filing, that wait for one of the accounts and need no more than it offers.

        The earliest, as many of each account as it says, without those that are to be looked at already.
        """

    async def look_again(self, orders: Sequence[GuaranteeFreed], now: datetime) -> None:
        """Have the orders run at once, each under the head of its own declaration."""

    async def remind(self, orders: Sequence[tuple[datetime, AboutBill]]) -> None:
        """Have orders about bills run when they are due."""

    async def deposits_like(self, given: Sequence[Deposit]) -> dict[tuple[str, str], Deposit]:
        """Known deposits of the same party and reference."""

    async def keep_deposits(self, made: Sequence[Deposit], now: datetime) -> None:
        """Keep new deposits."""

    async def withdrawals_like(self, keys: Sequence[WithdrawalKey]) -> dict[WithdrawalKey, Withdrawal]:
        """Known withdrawals under these keys."""

    async def keep_withdrawals(self, made: Sequence[Withdrawal]) -> None:
        """Keep new withdrawals."""

    async def payments_like(self, given: Sequence[Payment]) -> dict[tuple[str, str], Payment]:
        """Known payments under the same references."""

    async def keep_payments(self, receipts: Sequence[Receipt]) -> None:
        """Keep new payments; one whose reference was taken meanwhile is not kept."""
