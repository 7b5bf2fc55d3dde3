"""Refunds: goods are back, money and quota go back; the same on the fake and on real SQL."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tax.handlers import SUBSCRIPTIONS
from services.tax.law.force import law
from services.tax.law.jurisdiction import NoLaw
from services.tax.refunding.refunds import NotReleased, reading_of
from shared.contracts.clearance import ReturnCompleted
from shared.contracts.tax import TaxRefunded
from shared.kernel.goods import GoodsLine
from tests.services.tax.billed import issue, settle
from tests.services.tax.cases import GUARANTOR, a_filing, a_line, a_permit, back, yuan
from tests.services.tax.desks import Desk, MemoryDesk, free, hear, pay, standing
from tests.services.tax.quotes.test_properties import charges, orders
from tests.support.builders import NOW, a_declaration_id, a_declaration_submitted

MILK, WINE = a_line("600.00", "1901101000"), a_line("400.00", "2204210000")
NOTHING = Decimal(0)
QUOTA = (a_declaration_submitted().buyer, 2025)


async def released(desk: Desk, *lines: GoodsLine, freight: str = "50.00", insurance: str = "10.00") -> None:
    await pay(desk, "9000.00")
    await hear(desk, a_filing(*lines, freight=freight, insurance=insurance))
    await hear(desk, a_permit())


async def test_returning_the_milk_gives_back_its_tax_and_its_quota(desk: Desk) -> None:
    await released(desk, MILK, WINE)
    before = await free(desk)

    (said,) = await hear(desk, back((1, "1", "1")))

    assert isinstance(said, TaxRefunded)
    assert (said.tax_total, said.quota_returned) == (yuan("57.88"), yuan("636.00"))
    assert [(line.line_no, line.value_added_tax) for line in said.lines] == [(1, yuan("57.88"))]
    assert await free(desk) == before + yuan("57.88")
    assert await desk.quota(QUOTA) == (NOTHING, yuan("424.00"))
    holding = (await desk.kept(1))[-1].holding
    assert (holding.status, holding.quota_held, holding.refunded) == (
        "COMMITTED",
        yuan("424.00"),
        yuan("57.88"),
    )


async def test_three_thirds_give_back_the_whole(desk: Desk) -> None:
    await released(desk, MILK, WINE)
    account = await desk.account(GUARANTOR)
    assert account is not None

    back_again = [
        (await hear(desk, back((1, "1", "3"), (2, "1", "3"), request=request)))[0] for request in (71, 72, 73)
    ]

    refunded = [each for each in back_again if isinstance(each, TaxRefunded)]
    assert sum(each.tax_total for each in refunded) == yuan("133.73") == account.due
    assert sum(each.quota_returned for each in refunded) == yuan("1060.00")
    assert await standing(desk) == ("COMMITTED", NOTHING, yuan("133.73"))
    assert await desk.quota(QUOTA) == (NOTHING, NOTHING)
    after = await desk.account(GUARANTOR)
    assert after is not None
    assert (after.due, after.levied, after.free) == (NOTHING, NOTHING, yuan("9000.00"))


async def test_what_comes_free_secures_who_waits(desk: Desk) -> None:
    await pay(desk, "133.73")
    await hear(desk, a_filing(MILK, WINE, freight="50.00", insurance="10.00"))
    await hear(desk, a_permit())
    other = a_filing(a_line("100.00"), number=2, buyer="b" * 63 + "2")
    await hear(desk, other)
    assert (await standing(desk, 2))[0] == "WAITING"

    await hear(desk, back((1, "1", "1")))

    assert ("GuaranteeFreed", other.declaration_id) in await desk.deadlines()


async def test_the_quota_comes_back_in_the_year_of_the_filing(desk: Desk) -> None:
    await released(desk, MILK)
    late = NOW.replace(year=2026, month=1)

    await desk.run(SUBSCRIPTIONS[ReturnCompleted], [back((1, "1", "1"))], late)

    assert await desk.quota(QUOTA) == (NOTHING, NOTHING)


async def test_goods_that_are_back_after_the_bill_is_paid_become_a_credit(desk: Desk) -> None:
    await released(desk, MILK, WINE)
    await issue(desk)
    await settle(desk, "133.73")

    (said,) = await hear(desk, back((1, "1", "1")))

    assert isinstance(said, TaxRefunded)
    assert said.tax_total == yuan("57.88")
    account = await desk.account(GUARANTOR)
    assert account is not None
    assert (account.refundable, account.due) == (yuan("57.88"), NOTHING)
    assert await desk.quota(QUOTA) == (NOTHING, yuan("424.00"))


async def test_goods_of_a_version_that_is_not_released_are_a_wrong_message(desk: Desk) -> None:
    await pay(desk, "9000.00")
    await hear(desk, a_filing(MILK))

    with pytest.raises(NotReleased):
        await hear(desk, back((1, "1", "1")))


async def test_more_than_was_declared_is_never_given_back(desk: Desk) -> None:
    await released(desk, MILK)
    await hear(desk, back((1, "2", "3")))

    with pytest.raises(ValueError, match="no more"):
        await hear(desk, back((1, "2", "3"), request=72))


async def test_a_gift_gives_back_nothing_but_its_place(desk: Desk) -> None:
    await released(desk, MILK, a_line("0.00"))

    (said,) = await hear(desk, back((2, "1", "1")))

    assert isinstance(said, TaxRefunded)
    assert (said.tax_total, said.quota_returned) == (NOTHING, NOTHING)


def test_a_rule_set_that_is_not_kept_gives_no_reading() -> None:
    assert reading_of("CN-CBEC-2019-01-01", law()) == "pro_rata"
    with pytest.raises(NoLaw):
        reading_of("CN-CBEC-1999-01-01", law())


@st.composite
def returns(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Line places and how many of ten parts of it go back, in any order."""
    return draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 10)), max_size=25))


async def play(
    desk: MemoryDesk, lines: list[GoodsLine], freight: str, wishes: list[tuple[int, int]]
) -> dict[int, int]:
    """Goods of one filing come back as far as the case would let them; parts gone by line."""
    await released(desk, *lines, freight=freight, insurance="0.00")
    gone = dict.fromkeys(range(1, len(lines) + 1), 0)
    for request, (line, parts) in enumerate(wishes):
        if line in gone and gone[line] + parts <= 10:
            gone[line] += parts
            await hear(desk, back((line, str(parts), "10"), request=100 + request))
    return gone


@settings(deadline=None, max_examples=60)
@given(lines=orders, freight=charges, wishes=returns())
def test_balances_are_what_is_left_after_any_returns(
    lines: list[GoodsLine], freight: str, wishes: list[tuple[int, int]]
) -> None:
    desk = MemoryDesk()
    cheap = [a_line(str(line.total_price / 100 + 1), line.goods_code, **_measured(line)) for line in lines]

    gone = asyncio.run(play(desk, cheap, freight, wishes))

    holding = desk.ledger.kept[a_declaration_id(1), 1].holding
    refunds = desk.ledger.refunds.values()
    quota, account = desk.ledger.quotas[QUOTA], desk.ledger.accounts[GUARANTOR]
    assert holding.refunded == sum((refund.taxes.total for refund in refunds), Decimal(0))
    assert quota.used == holding.quota_held
    assert account.due == account.levied == holding.tax_total - holding.refunded
    if set(gone.values()) == {10}:
        assert holding.quota_held == account.due == 0


def _measured(line: GoodsLine) -> dict[str, object]:
    return {"first_quantity": line.first_quantity, "first_unit": line.first_unit}
