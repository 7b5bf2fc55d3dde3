"""Store: what SQL finds in a line that the fake has no need to look for cleverly."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.books.guarantee import GuaranteeFreed, Offer
from services.tax.store import SqlTaxLedger
from services.tax.tables import waiting_filings
from shared.runtime.database import insert_rows
from tests.services.tax.cases import GUARANTOR, an_id
from tests.support.builders import NOW

OTHER = "AGENT00002"
LONG = range(12_000, 0, -1)


def need(place: int) -> Decimal:
    """From 1 to 1,000, all over the line."""
    return Decimal(place * 387 % 1000 + 1)


@pytest.mark.parametrize("offered", [5, 500])
async def test_the_earliest_that_fit_are_found_whether_few_do_or_many(
    tax_engine: AsyncEngine, offered: int
) -> None:
    line = [
        {
            "declaration_id": an_id(place),
            "version": 1,
            "guarantor": GUARANTOR,
            "filed_at": NOW - timedelta(seconds=place),
            "tax_total": need(place),
        }
        for place in LONG
    ]
    fit = [an_id(place) for place in LONG if need(place) <= offered]
    orders = [GuaranteeFreed(declaration_id=of, version=1) for of in fit[:2]]
    free = {GUARANTOR: Decimal(offered), OTHER: Decimal(offered)}

    async with tax_engine.begin() as connection:
        ledger = SqlTaxLedger(connection)
        await insert_rows(connection, waiting_filings, line)
        await ledger.look_again(orders, NOW)
        promised = await ledger.promised(free)
        found = await ledger.waiting_for([Offer(party, amount, 20) for party, amount in free.items()])

    assert [(party, given.filings) for party, given in promised.items()] == [(GUARANTOR, 2)]
    assert [each.declaration_id for each in found] == fit[2:22]
