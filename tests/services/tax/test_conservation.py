"""Conservation: whatever happens, balances are the sums of what is held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.tax.books.guarantee import GuaranteeFreed, PaymentLapsed
from tests.services.tax.cases import (
    GUARANTOR,
    a_cancellation,
    a_filing,
    a_line,
    a_permit,
    a_refusal,
    an_id,
)
from tests.services.tax.desks import MemoryDesk, hear, pay

Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["file", "permit", "refuse", "cancel", "lapse", "freed", "pay"]),
        st.integers(min_value=1, max_value=4),
        st.integers(min_value=1, max_value=9000),
    ),
    max_size=40,
)
ENDS: dict[str, Callable[[int, int], Any]] = {
    "refuse": a_refusal,
    "cancel": a_cancellation,
    "lapse": lambda number, version: PaymentLapsed(declaration_id=an_id(number), version=version),
    "freed": lambda number, version: GuaranteeFreed(declaration_id=an_id(number), version=version),
}


async def play(desk: MemoryDesk, played: list[Step]) -> None:
    """The steps that the runtime would let through: versions in order, permits for what is secured."""
    for place, (kind, number, amount) in enumerate(played):
        kept = await desk.kept(number)
        holding = kept[-1].holding if kept else None
        if kind == "pay":
            await pay(desk, str(amount), f"BANK-{place}")
        elif kind == "file" and (holding is None or holding.status != "COMMITTED"):
            version = holding.version + 1 if holding else 1
            await hear(desk, a_filing(a_line(str(amount)), number=number, version=version))
        elif kind == "permit" and holding is not None and holding.status == "SECURED":
            await hear(desk, a_permit(number, holding.version))
        elif kind in ENDS and holding is not None:
            await hear(desk, ENDS[kind](number, holding.version))


@settings(deadline=None)
@given(played=steps)
def test_balances_are_the_sums_of_what_is_held(played: list[Step]) -> None:
    desk = MemoryDesk()

    asyncio.run(play(desk, [("pay", 1, 500), *played]))

    holdings = [kept.holding for kept in desk.ledger.kept.values()]
    living = [holding for holding in holdings if holding.is_open]
    released = [holding for holding in holdings if holding.status == "COMMITTED"]
    account = desk.ledger.accounts[GUARANTOR]
    assert account.balance == sum(deposit.amount for deposit in desk.ledger.deposits.values())
    assert account.reserved == sum(holding.guarantee_held for holding in living)
    assert account.due == account.levied == sum(holding.guarantee_held for holding in released)
    assert sum(bill.total for bill in desk.ledger.bills.values()) == account.due
    assert account.free >= 0
    for quota in desk.ledger.quotas.values():
        assert quota.reserved == sum(holding.quota_held for holding in living)
        assert quota.used == sum(holding.quota_held for holding in released)
        assert quota.reserved + quota.used <= Decimal(26000)
