"""Columns: amounts and taxes to columns and back."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from services.tax.taxes import Taxes
from shared.kernel.money import CENT
from shared.runtime.arrays import Row

TAXES = ("customs_duty", "consumption_tax", "value_added_tax")


def amount(stored: Decimal) -> Decimal:
    """An amount as it was before the column gave it five digits: to the cent, where that is exact."""
    exact = stored.quantize(CENT)
    return exact if exact == stored else stored


def read_taxes(row: sa.RowMapping) -> Taxes:
    """Three amounts."""
    return Taxes(**{tax: amount(row[tax]) for tax in TAXES})


def taxes_row(taxes: Taxes) -> Row:
    """The same as columns."""
    return {tax: getattr(taxes, tax) for tax in TAXES}
