"""Guarantee: the account that secures the tax.

An account belongs to a guarantor. Money comes in by deposits; an assessment reserves its tax; at release the
reservation becomes due (billed later), and without a permit it is given back. Always reserved + due <=
balance. Who finds too little free waits, in order of filing, and is looked at again when something comes
free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO

PAYMENT_TERM = timedelta(days=15)
"""How long a filing waits for its guarantor (clock T3 of the house; no law fixes it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One guarantor's account, CNY."""

    party: str
    balance: Decimal = ZERO
    """Deposited and not yet collected."""
    reserved: Decimal = ZERO
    """Secures filings that are not decided."""
    due: Decimal = ZERO
    """Owed for released goods."""

    @property
    def free(self) -> Decimal:
        """What may still secure something."""
        return self.balance - self.reserved - self.due

    def moved(self, *, balance: Decimal = ZERO, reserved: Decimal = ZERO, due: Decimal = ZERO) -> Account:
        """The account after a movement; it never secures more than it holds."""
        after = Account(
            party=self.party,
            balance=self.balance + balance,
            reserved=self.reserved + reserved,
            due=self.due + due,
        )
        if after.free < 0 or after.reserved < 0 or after.due < 0:
            raise ValueError(f"account {self.party} would secure more than it holds")
        return after


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A filing that waits for its guarantor."""

    declaration_id: DeclarationId
    version: int
    guarantor: str
    needed: Decimal
    is_ordered: bool = False
    """It has its order already, which has not run yet: what it needs is promised to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Money paid in, once under its reference."""

    party: str
    reference: str
    amount: Decimal
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDeposit:
    """Order: put money on an account."""

    deposit: Deposit
    declaration_id: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLapsed:
    """Order, when its term is over: refuse the version if it still waits."""

    declaration_id: DeclarationId
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeFreed:
    """Order, at once: secure the version if it still waits and now fits."""

    declaration_id: DeclarationId
    version: int


def who_fit(waiting: Sequence[Waiting], accounts: Mapping[str, Account]) -> list[GuaranteeFreed]:
    """Those that now fit, in the order given (of filing): one that is too large lets smaller ones pass.

    What is promised to those that have their order is not offered again, or a later one could be quicker.
    """
    free = {party: account.free for party, account in accounts.items()}
    for each in waiting:
        free[each.guarantor] -= each.needed if each.is_ordered else ZERO
    orders = []
    for each in waiting:
        if not each.is_ordered and each.needed <= free[each.guarantor]:
            free[each.guarantor] -= each.needed
            orders.append(GuaranteeFreed(declaration_id=each.declaration_id, version=each.version))
    return orders
