"""Books: an account as a bar.

Pure. Amounts stay as the tax service wrote them; only the length of the bar's pieces is worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WHOLE = 1000
"""Length of the whole bar."""
LEAST = 4
"""Length of a piece that is more than nothing."""
_PIECES = ("due", "reserved", "free")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the bar."""

    kind: str
    amount: str
    start: int
    length: int
    percent: str
    """Of the balance, in whole hundredths; nothing that is there is said to be none, or all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """An account."""

    party: str
    balance: str
    waiting: int
    pieces: tuple[Piece, ...]
    """What the balance is bound by, and what is free of it: due, reserved, free."""

    @property
    def sentence(self) -> str:
        """The bar in words."""
        parts = ", ".join(f"{piece.percent} {piece.kind}" for piece in self.pieces)
        return f"Of a balance of {self.balance} yuan: {parts}"


def book_of(told: Mapping[str, Any]) -> Book:
    """An account as the tax service tells it."""
    balance = Decimal(told["balance"])
    amounts = [Decimal(told[kind]) for kind in _PIECES]
    pieces, reached = [], 0
    for kind, amount, length in zip(_PIECES, amounts, _lengths(amounts), strict=True):
        part = _part(amount, balance)
        pieces.append(Piece(kind=kind, amount=str(told[kind]), start=reached, length=length, percent=part))
        reached += length
    return Book(
        party=str(told["party"]),
        balance=str(told["balance"]),
        waiting=int(told["waiting"]),
        pieces=tuple(pieces),
    )


def _lengths(amounts: Sequence[Decimal]) -> list[int]:
    """The whole bar, shared out: what is there can be seen, and the largest piece bears what rounding leaves."""
    whole = sum(amounts)
    if not whole:
        return [0] * len(amounts)
    lengths = [max(round(amount / whole * WHOLE), LEAST) if amount else 0 for amount in amounts]
    lengths[amounts.index(max(amounts))] += WHOLE - sum(lengths)
    return lengths


def _part(amount: Decimal, balance: Decimal) -> str:
    if not amount or amount == balance:
        return "100 %" if amount else "0 %"
    whole = round(amount / balance * 100)
    return {0: "< 1 %", 100: "> 99 %"}.get(whole, f"{whole} %")
