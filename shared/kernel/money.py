"""Money: Decimal amounts with their currency.

Amounts are never binary floating point. Rounding is half up to the cent, once per tax and line
(reference reading; the CEB format itself allows N19,5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency (ISO 4217); two currencies never add."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")
        return Money(amount=self.amount + other.amount, currency=self.currency)


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to 0.01."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def apportion(total: Decimal, weights: Sequence[Decimal], minor: Decimal = CENT) -> list[Decimal]:
    """A total shared by weight, to the cent (or `minor`); the cents left over go to the largest remainders, and
    what a total has below the cent to the next of them.

    No share is ever negative, a line of weight zero (a gift) gets none, and the shares add up to the total.
    With no weight at all every share is zero and the total must be zero too.
    """
    whole = sum(weights, Decimal(0))
    if not whole:
        if total:
            raise ValueError("nothing to share the amount by")
        return [ZERO for _ in weights]
    exact = [total * weight / whole for weight in weights]
    shares = [share.quantize(minor, ROUND_FLOOR) for share in exact]
    left = int((total - sum(shares, Decimal(0))) / minor)
    by_remainder = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[:left]:
        shares[i] += minor
    if below := total - sum(shares, Decimal(0)):
        shares[by_remainder[left]] += below
    return shares
