"""Withdrawals: money that leaves an account by an officer's word.

A payout sends back what was given back after payment; a correction takes back a deposit that was entered and never
came. Each is known once by its reference. Amounts in CNY.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.tax.books.bookkeeping import Bookkeeping
from services.tax.books.entries import CORRECTED, PAID_OUT
from services.tax.books.guarantee import Account, Deposit
from shared.kernel.refusal import Refusal

WithdrawalKind = Literal["PAYOUT", "CORRECTION"]
WithdrawalKey = tuple[str, WithdrawalKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Money that leaves an account."""

    party: str
    kind: WithdrawalKind
    reference: str
    """Of the bank's transfer, or of the deposit that never came."""
    amount: Decimal
    reason: str
    made_by: str

    @property
    def key(self) -> WithdrawalKey:
        """What it is known by."""
        return self.party, self.kind, self.reference


def correction_of(deposit: Deposit) -> WithdrawalKey:
    """What takes a deposit back is known by."""
    return deposit.party, "CORRECTION", deposit.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Order of an officer: money leaves an account."""

    withdrawal: Withdrawal
    declaration_id: None = None


def withdraw_all(
    orders: Iterable[Withdraw], known: Mapping[WithdrawalKey, Withdrawal], books: Bookkeeping
) -> list[Withdrawal]:
    """Withdrawals not known yet leave their accounts; a reference said again changes nothing."""
    made = []
    for withdrawal in (order.withdrawal for order in orders):
        first = known.get(withdrawal.key)
        if first is None:
            must_be_there(withdrawal, books.accounts[withdrawal.party])
            move = PAID_OUT if withdrawal.kind == "PAYOUT" else CORRECTED
            books.post(withdrawal.party, move, withdrawal.amount, withdrawal.reference)
            made.append(withdrawal)
        elif first.amount != withdrawal.amount:
            raise Refusal(
                "E-DUP-CONFLICT",
                f"{withdrawal.reference} is known with {first.amount}",
                rule="withdraw_all",
                fix="use the bank's own reference, a new one for each transfer",
            )
    return made


def must_be_there(withdrawal: Withdrawal, account: Account) -> None:
    """No more is paid out than is to be given back; no more is corrected than secures nothing."""
    there = account.refundable if withdrawal.kind == "PAYOUT" else account.free
    if withdrawal.amount > there:
        what = "to be given back" if withdrawal.kind == "PAYOUT" else "free"
        raise Refusal(
            "E-ACCOUNT-SHORT",
            f"{withdrawal.amount} is to leave the account of {account.party}, {there} is {what} on it",
            rule="must_be_there",
            fix=f"at most {there}"
            if withdrawal.kind == "PAYOUT"
            else "await a deposit, or bills that are paid",
            available=str(there),
        )
