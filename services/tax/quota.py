"""Quota: what a buyer may still import in a year.

Two-phase: reserved at filing, used at release, given back when the filing ends without a permit. The year is
the calendar year of the filing in Asia/Shanghai. The limit is the rule set's, so it is an argument, never a
column.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from services.tax.law.calendar import day_of
from shared.kernel.money import ZERO

QuotaKey = tuple[str, int]
"""Buyer token and year."""


def quota_key(buyer: str, filed_at: datetime) -> QuotaKey:
    """Which quota a filing counts in: its buyer's, of the year it is filed in."""
    return buyer, day_of(filed_at).year


class Quota(Struct, frozen=True, kw_only=True):
    """One buyer's year, CNY of dutiable value."""

    buyer: str
    year: int
    reserved: Decimal = ZERO
    """Filed and not decided."""
    used: Decimal = ZERO
    """Released."""

    @property
    def key(self) -> QuotaKey:
        """What its row is found by."""
        return self.buyer, self.year

    @property
    def resets_on(self) -> date:
        """The day from which the next year's quota counts."""
        return date(self.year + 1, 1, 1)

    def left(self, limit: Decimal) -> Decimal:
        """What may still be filed."""
        return limit - self.used - self.reserved

    def moved(self, *, reserved: Decimal = ZERO, used: Decimal = ZERO) -> Quota:
        """The quota after a movement. More can never be taken back than is there."""
        after = Quota(
            buyer=self.buyer, year=self.year, reserved=self.reserved + reserved, used=self.used + used
        )
        if after.reserved < 0 or after.used < 0:
            raise ValueError(f"quota of {self.year} would become negative")
        return after
