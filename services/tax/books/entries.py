"""Entries: the double-entry ledger under every movement of money.

Each party has six books. What is debited in one is credited in another, so that whatever moves

    bank + due + unsecured = guarantee + refundable + levied

bank: paid to the treasury; due: owed for released goods and secured by the guarantee; unsecured: owed under a waiver;
guarantee: what the party has on its account; refundable: paid, and to be given back; levied: tax that stays. An
entry is one movement of one transaction, however many declarations it is made of. It is numbered by party without a
gap, carries the six balances after it, and is never altered: the database checks that too. Amounts in CNY.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

Book = Literal["bank", "due", "unsecured", "guarantee", "refundable", "levied"]
ASSETS: tuple[Book, ...] = ("bank", "due", "unsecured")
"""Grow by debit; the others by credit."""
BOOKS: tuple[Book, ...] = (*ASSETS, "guarantee", "refundable", "levied")
Kind = Literal["DEPOSIT", "RELEASE", "PAYMENT", "COLLECTION", "VOID", "REFUND", "PAYOUT", "CORRECTION"]


class Move(NamedTuple):
    """A kind of movement: what it is, which book it debits, which it credits."""

    kind: Kind
    debit: Book
    credit: Book


DEPOSITED = Move("DEPOSIT", "bank", "guarantee")
RELEASED = Move("RELEASE", "due", "levied")
RELEASED_UNSECURED = Move("RELEASE", "unsecured", "levied")
PAID = Move("PAYMENT", "bank", "due")
PAID_UNSECURED = Move("PAYMENT", "bank", "unsecured")
COLLECTED = Move("COLLECTION", "guarantee", "due")
COLLECTED_UNSECURED = Move("COLLECTION", "guarantee", "unsecured")
VOIDED = Move("VOID", "levied", "due")
VOIDED_UNSECURED = Move("VOID", "levied", "unsecured")
REFUNDED = Move("REFUND", "levied", "refundable")
PAID_OUT = Move("PAYOUT", "refundable", "bank")
CORRECTED = Move("CORRECTION", "guarantee", "bank")
MOVES = (
    DEPOSITED,
    RELEASED,
    RELEASED_UNSECURED,
    PAID,
    PAID_UNSECURED,
    COLLECTED,
    COLLECTED_UNSECURED,
    VOIDED,
    VOIDED_UNSECURED,
    REFUNDED,
    PAID_OUT,
    CORRECTED,
)
"""All that there are; a correction takes back a deposit that never came."""


class Posting(NamedTuple):
    """What makes one entry of a transaction: whose, which movement, and what for (a bill, a reference)."""

    party: str
    move: Move
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it is kept."""

    party: str
    seq: int
    """1..n of the party."""
    move: Move
    amount: Decimal
    reference: str
    after: Mapping[Book, Decimal]
    """The six books after it."""
    recorded_at: datetime | None = None
    """Once it is kept."""


def change_of(move: Move, book: Book, amount: Decimal) -> Decimal:
    """By how much a movement changes a book."""
    grows_by = move.debit if book in ASSETS else move.credit
    shrinks_by = move.credit if book in ASSETS else move.debit
    if book == grows_by:
        return amount
    return -amount if book == shrinks_by else Decimal(0)


@dataclass(slots=True)
class Posted:
    """An entry that still grows: its number is given with its first amount."""

    seq: int
    amount: Decimal


def entries_of(
    posted: Mapping[Posting, Posted], after: Mapping[str, Mapping[Book, Decimal]]
) -> Iterator[Entry]:
    """The entries of a transaction, party by party; `after` is how each party's books stand at its end."""
    for party in sorted({posting.party for posting in posted}):
        books = dict(after[party])
        made = sorted(
            ((posting, entry) for posting, entry in posted.items() if posting.party == party),
            key=lambda pair: -pair[1].seq,
        )
        backwards = []
        for posting, entry in made:
            backwards.append(
                Entry(
                    party=party,
                    seq=entry.seq,
                    move=posting.move,
                    amount=entry.amount,
                    reference=posting.reference,
                    after=dict(books),
                )
            )
            for book in BOOKS:
                books[book] -= change_of(posting.move, book, entry.amount)
        yield from reversed(backwards)
