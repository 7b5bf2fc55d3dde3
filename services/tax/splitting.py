"""Splitting: orders that would bear more tax as one.

Limits and waivers go by the order, so the same goods in several orders of one buyer, seller and day can cost less
than in one. That is not refused here: it is a risk (R05), told to whoever asks and counted in a replay.
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
    tax: Decimal
    """Before any waiver."""


def looks_split(parts: Sequence[Part], rules: RuleSet, limit: Decimal) -> bool:
    """Whether orders are beyond a limit together, or beyond a waiver that one is within. Source: reference R05.

    One above the limit by itself counts too: it may come as one indivisible item, which two in one order are not.
    """
    if len(parts) < 2:
        return False
    return _beyond_the_limit(parts, rules, limit) or _beyond_the_waiver(parts, rules)


def _beyond_the_limit(parts: Sequence[Part], rules: RuleSet, limit: Decimal) -> bool:
    together = sum((part.value for part in parts), ZERO)
    return rules.limit_each == "order" and together > limit


def _beyond_the_waiver(parts: Sequence[Part], rules: RuleSet) -> bool:
    together = sum((part.tax for part in parts), ZERO)
    return together > rules.waived_up_to and any(ZERO < part.tax <= rules.waived_up_to for part in parts)
