"""Guarantee: the account that secures the tax.

An account belongs to a guarantor. Money comes in by deposits; an assessment reserves its tax; at release the
reservation becomes due until its bill is paid, and without a permit it is given back. Always reserved + due <=
balance. Who finds too little free waits, in order of filing, and is looked at again when something comes
free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from services.tax.books.entries import BOOKS, Book, Move, change_of
from shared.kernel.ids import DeclarationId
from shared.kernel.money import ZERO

PAYMENT_TERM = timedelta(days=15)
"""How long a filing waits for its guarantor (clock T3 of the house; no law fixes it)."""
WOKEN_AT_ONCE = 1000
"""How many filings one transaction has looked at again: it holds the lock of their account, which others need."""


class Account(Struct, frozen=True, kw_only=True):
    """One guarantor's account as it stands, CNY: the books of its ledger, and what it reserves."""

    party: str
    balance: Decimal = ZERO
    """Deposited and not yet collected."""
    reserved: Decimal = ZERO
    """Secures filings that are not decided."""
    due: Decimal = ZERO
    """Owed for released goods."""
    unsecured: Decimal = ZERO
    """Owed for goods that were released under a waiver: nothing secures it."""
    refundable: Decimal = ZERO
    """Paid, and to be given back."""
    bank: Decimal = ZERO
    """What the party has paid in all, less what went back."""
    levied: Decimal = ZERO
    """Tax of released goods, less what was given back."""
    entries: int = 0
    """How many its ledger has."""

    @property
    def free(self) -> Decimal:
        """What may still secure something."""
        return self.balance - self.reserved - self.due

    @property
    def books(self) -> dict[Book, Decimal]:
        """The six books of its ledger."""
        return {
            "bank": self.bank,
            "due": self.due,
            "unsecured": self.unsecured,
            "guarantee": self.balance,
            "refundable": self.refundable,
            "levied": self.levied,
        }

    def reserving(self, amount: Decimal) -> Account:
        """With so much more reserved, or less: no money moves."""
        return self.moved(reserved=amount)

    def moved(  # noqa: PLR0913 (as many as there are columns)
        self,
        *,
        balance: Decimal = ZERO,
        reserved: Decimal = ZERO,
        due: Decimal = ZERO,
        unsecured: Decimal = ZERO,
        refundable: Decimal = ZERO,
        bank: Decimal = ZERO,
        levied: Decimal = ZERO,
        entries: int = 0,
    ) -> Account:
        """The account after a movement; it never secures more than it holds."""
        after = Account(
            party=self.party,
            balance=self.balance + balance,
            reserved=self.reserved + reserved,
            due=self.due + due,
            unsecured=self.unsecured + unsecured,
            refundable=self.refundable + refundable,
            bank=self.bank + bank,
            levied=self.levied + levied,
            entries=self.entries + entries,
        )
        if after.free < 0 or after.reserved < 0 or after.due < 0 or after.unsecured < 0:
            raise ValueError(f"account {self.party} would secure more than it holds")
        return after

    def posting(self, move: Move, amount: Decimal, *, is_new: bool, reserved: Decimal = ZERO) -> Account:
        """After an amount of an entry: a new one, or one that grows; and with so much more reserved, or less."""
        books = {_COLUMN[book]: change_of(move, book, amount) for book in (move.debit, move.credit)}
        return self.moved(reserved=reserved, entries=int(is_new), **books)


_COLUMN: dict[Book, str] = {book: "balance" if book == "guarantee" else book for book in BOOKS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A filing that waits for its guarantor, and has no order to be looked at again."""

    declaration_id: DeclarationId
    version: int
    guarantor: str
    needed: Decimal


class Promised(NamedTuple):
    """What filings need that have their order already, which has not run yet: it is not offered again."""

    filings: int = 0
    amount: Decimal = ZERO


class Offer(NamedTuple):
    """What an account has free and not promised, and to how many filings it is offered at once."""

    party: str
    free: Decimal
    most: int


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
    """Order, when its term is over: secure the version if it still waits and now fits, else refuse it."""

    declaration_id: DeclarationId
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeFreed:
    """Order, at once: secure the version if it still waits and now fits."""

    declaration_id: DeclarationId
    version: int


def offers_of(free: Mapping[str, Decimal], promised: Mapping[str, Promised]) -> list[Offer]:
    """What accounts may offer now, which is `WOKEN_AT_ONCE` orders between them and those that have not run yet.

    Who has an order looks for who comes next when it runs. So each account with something to offer gives out one
    more at the least: else nobody would look for it, or only one whose order was put off.
    """
    share = WOKEN_AT_ONCE // len(free)
    offers = []
    for party, amount in free.items():
        given = promised.get(party, Promised())
        if amount > given.amount:
            offers.append(Offer(party, amount - given.amount, max(1, share - given.filings)))
    return offers


def who_fit(waiting: Sequence[Waiting], offers: Sequence[Offer]) -> list[GuaranteeFreed]:
    """Those that now fit, in the order given (of filing): one that is too large lets smaller ones pass."""
    free = {offer.party: offer.free for offer in offers}
    orders = []
    for each in waiting:
        if each.needed <= free[each.guarantor]:
            free[each.guarantor] -= each.needed
            orders.append(GuaranteeFreed(declaration_id=each.declaration_id, version=each.version))
    return orders
