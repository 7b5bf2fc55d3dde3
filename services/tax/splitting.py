"""Splitting: orders that would bear more tax as one.

Limits, reliefs and waivers go by the order, so the same goods in several orders of one buyer, seller and day can
cost less than in one. That is not refused here: it is a risk (R05), told to whoever asks and counted in a replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.tax.law.schema import RuleSet

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the orders of a buyer and seller on a day, in the currency of the limit."""

    value: Decimal
    """As the channel measures it against its limit."""
    goods: Decimal
    """Of the goods alone, which a relief from duty goes by."""
    tax: Decimal
    """Before any waiver."""


def looks_split(parts: Sequence[Part], rules: RuleSet, limit: Decimal) -> bool:
    """Whether orders are beyond a limit together, or beyond a relief or waiver that one is within. Source: R05.

    One above the limit by itself counts too: it may come as one indivisible item, which two in one order are not.
    """
    if len(parts) < 2:
        return False
    return (
        _beyond_the_limit(parts, rules, limit)
        or _beyond_the_relief(parts, rules)
        or _beyond_the_waiver(parts, rules)
    )


def _beyond_the_limit(parts: Sequence[Part], rules: RuleSet, limit: Decimal) -> bool:
    together = sum((part.value for part in parts), ZERO)
    return rules.limit_each == "order" and rules.is_beyond(together, limit)


def _beyond_the_relief(parts: Sequence[Part], rules: RuleSet) -> bool:
    relief, together = rules.duty.free_up_to, sum((part.goods for part in parts), ZERO)
    return together > relief and any(ZERO < part.goods <= relief for part in parts)


def _beyond_the_waiver(parts: Sequence[Part], rules: RuleSet) -> bool:
    together = sum((part.tax for part in parts), ZERO)
    return together > rules.waived_up_to and any(ZERO < part.tax <= rules.waived_up_to for part in parts)
