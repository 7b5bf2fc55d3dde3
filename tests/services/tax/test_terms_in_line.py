"""Terms in a line: who is paid for is secured at the end of its term, however long the line is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.tax.books import guarantee
from shared.contracts.tax import TaxRefused, TaxSecured
from tests.services.tax.cases import an_id
from tests.services.tax.desks import Desk, free, hear, pay
from tests.services.tax.test_waking import (
    TAX_OF_100,
    ids,
    in_line,
    lapse_of,
    run_until_nobody_is_left,
    waiting,
    woken,
)


async def test_who_comes_to_the_end_of_its_term_and_is_paid_for_is_secured_though_the_line_is_long(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarantee, "WOKEN_AT_ONCE", 1)
    await hear(desk, *map(in_line, range(1, 6)))
    await pay(desk, "36.40")

    (said,) = await hear(desk, lapse_of(1))

    assert isinstance(said, TaxSecured)
    assert (said.gate.code, said.tax_total) == ("SECURED", TAX_OF_100)
    await run_until_nobody_is_left(desk)
    assert await waiting(desk) == {an_id(2)}
    assert await hear(desk, lapse_of(1)) == []


async def test_of_those_that_come_to_the_end_of_their_term_together_the_earliest_filed_are_secured(
    desk: Desk,
) -> None:
    await hear(desk, *map(in_line, (1, 2, 3)))
    await pay(desk, "18.20")

    said = await hear(desk, *map(lapse_of, (1, 2, 3)))

    assert [type(each) for each in said] == [TaxSecured, TaxSecured, TaxRefused]
    assert [each.declaration_id for each in said] == ids([3, 2, 1])
    assert await free(desk) == Decimal(0)


async def test_whoever_waits_is_woken_when_one_that_had_its_order_is_secured_at_the_end_of_its_term(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarantee, "WOKEN_AT_ONCE", 1)
    await hear(desk, *map(in_line, (1, 2)))
    await pay(desk, "18.20")

    await hear(desk, lapse_of(2))

    assert an_id(1) in await woken(desk)
