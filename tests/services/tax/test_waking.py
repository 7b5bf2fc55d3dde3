"""Waking: a line of any length is looked at again piece by piece, and nobody in it is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.books import guarantee
from services.tax.books.guarantee import WOKEN_AT_ONCE, GuaranteeFreed, PaymentLapsed
from services.tax.handlers import on_declarations_ended, on_deposits_made, on_payments_lapsed
from shared.contracts.declaration import DeclarationSubmitted
from shared.runtime.unit_of_work import UnitOfWork
from tests.services.tax.cases import GUARANTOR, a_cancellation, a_deposit, a_filing, a_line, an_id, yuan
from tests.services.tax.desks import Desk, MemoryDesk, SqlDesk, free, hear, pay, standing
from tests.services.tax.test_balances_machine import Balances
from tests.support.builders import NOW
from tests.support.machines import STEADY, done
from tests.support.toy import a_message

TAX_OF_100 = yuan("9.10")
OTHER = "AGENT00002"


def in_line(number: int, price: str = "100.00", **overrides: Any) -> DeclarationSubmitted:
    """Of a buyer of its own; a higher number is filed earlier, so that the line is not in the order of ids."""
    at = {"filed_at": NOW - timedelta(seconds=number), "buyer": f"buyer-{number}"}
    return a_filing(a_line(price), number=number, **{**at, **overrides})


def ids(numbers: Sequence[int]) -> list[str]:
    return [an_id(number) for number in numbers]


def lapse_of(number: int) -> PaymentLapsed:
    return PaymentLapsed(declaration_id=an_id(number), version=1)


async def woken(desk: Desk) -> set[str]:
    return {subject for command, subject in await desk.deadlines() if command == "GuaranteeFreed"}


async def waiting(desk: Desk) -> set[str]:
    """Those in the officers' queue are those that wait."""
    return await desk.open_reviews()


async def run_until_nobody_is_left(desk: Desk) -> int:
    """As the timers do; after how many batches."""
    batches = 0
    while await woken(desk):
        await desk.run_freed()
        batches += 1
        assert batches < 100, "one of them was put off"
    return batches


async def test_a_deposit_wakes_a_bounded_part_of_a_long_line_and_this_the_rest_in_order_of_filing(
    desk: Desk,
) -> None:
    line = list(range(2500, 0, -1))
    await hear(desk, *map(in_line, reversed(line)))

    await pay(desk, str(TAX_OF_100 * 2400))

    assert await woken(desk) == set(ids(line[:WOKEN_AT_ONCE]))
    while orders := await woken(desk):
        looked_at = set(ids(line)) - await waiting(desk) | orders
        assert looked_at == set(ids(line[: len(looked_at)]))
        assert len(orders) <= WOKEN_AT_ONCE
        await desk.run_freed()
    assert await waiting(desk) == set(ids(line[2400:]))
    account = await desk.account(GUARANTOR)
    assert account is not None
    assert (account.reserved, account.free) == (TAX_OF_100 * 2400, Decimal(0))


async def test_each_of_a_long_line_is_secured_exactly_once(tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await hear(desk, *map(in_line, range(1, 1502)))
    await pay(desk, "100000.00")

    batches = await run_until_nobody_is_left(desk)

    said = "select count(*), count(distinct subject_id) from facts where type = 'tax.secured.v1'"
    async with tax_engine.connect() as connection:
        assert (await connection.execute(sa.text(said))).one() == (1501, 1501)
    assert batches == 4


async def test_an_end_wakes_one_more_of_a_long_line_where_enough_have_their_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarantee, "WOKEN_AT_ONCE", 3)
    await hear(desk, *map(in_line, range(1, 11)))
    await pay(desk, "91.00")

    await desk.run(on_declarations_ended, [a_cancellation(10)])
    await desk.run(on_declarations_ended, [a_cancellation(1)])

    assert await woken(desk) == set(ids([10, 9, 8, 7, 6]))
    await run_until_nobody_is_left(desk)
    assert await waiting(desk) == set()
    assert await free(desk) == TAX_OF_100 * 2


async def test_those_that_need_too_much_do_not_hide_who_fits_behind_them(desk: Desk) -> None:
    await hear(desk, *(in_line(number, "200.00") for number in range(1002, 1, -1)), in_line(1))

    await pay(desk, "10.00")

    assert await woken(desk) == {an_id(1)}


async def test_those_that_no_longer_fit_do_not_hide_who_does_behind_them(desk: Desk) -> None:
    await hear(desk, *(in_line(number) for number in range(1002, 1, -1)), in_line(1, "9.00"))

    await pay(desk, "10.00")

    assert await woken(desk) == {an_id(1002)}
    await run_until_nobody_is_left(desk)
    assert await waiting(desk) == set(ids(range(2, 1002)))


async def test_an_order_that_was_put_off_does_not_hold_up_the_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarantee, "WOKEN_AT_ONCE", 1)
    await hear(desk, *map(in_line, (1, 2, 3)))
    await pay(desk, "9.10", "BANK-1")

    await pay(desk, "18.20", "BANK-2")
    await hear(desk, GuaranteeFreed(declaration_id=an_id(2), version=1))

    assert {an_id(3), an_id(1)} <= await woken(desk)


async def test_every_account_that_comes_free_at_once_has_its_line_woken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarantee, "WOKEN_AT_ONCE", 1)
    await desk.run(on_deposits_made, [a_deposit("9.10"), a_deposit("9.10", party=OTHER)])
    held = [in_line(4), in_line(3, guarantor=OTHER)]
    await hear(desk, *held, in_line(2), in_line(1, guarantor=OTHER))

    await desk.run(on_declarations_ended, [a_cancellation(4), a_cancellation(3)])

    assert await woken(desk) == set(ids([2, 1]))


@settings(deadline=None)
@given(
    prices=st.lists(st.integers(1, 40), max_size=12),
    deposits=st.lists(st.integers(1, 20), min_size=1, max_size=3),
    most=st.integers(1, 3),
)
def test_however_few_are_woken_at_once_the_same_are_secured_in_the_same_order(
    prices: list[int], deposits: list[int], most: int
) -> None:
    at_once = done(secured_in_order(prices, deposits, 1000))

    assert done(secured_in_order(prices, deposits, most)) == at_once


async def secured_in_order(prices: list[int], deposits: list[int], most: int) -> list[str]:
    """Who of a line is secured, first to last, where the orders run after each deposit one by one."""
    desk = MemoryDesk()
    secured: list[str] = []
    line = [in_line(len(prices) - place, f"{price}.00") for place, price in enumerate(prices)]
    if line:
        await hear(desk, *line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guarantee, "WOKEN_AT_ONCE", most)
        for place, amount in enumerate(deposits):
            await pay(desk, str(amount), f"BANK-{place}")
            while orders := [each for each in desk.ledger.deadlines if isinstance(each, GuaranteeFreed)]:
                del desk.ledger.deadlines[orders[0]]
                secured += [said.declaration_id for said in await hear(desk, orders[0])]
    return secured


async def test_deposits_ends_and_lapses_between_the_pieces_of_a_line_forget_nobody(
    work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarantee, "WOKEN_AT_ONCE", 5)
    desk = SqlDesk(work.engine)
    await pay(desk, "91.00")
    await work.run([a_message(in_line(number)) for number in range(90, 0, -1)])
    lapses = map(lapse_of, range(11, 16))

    async def run_freed() -> None:
        for _ in range(20):
            await desk.run_freed()

    await asyncio.gather(
        run_freed(),
        run_freed(),
        *(pay(desk, "45.50", f"BANK-{place}") for place in range(2, 10)),
        *(work.run([a_message(a_cancellation(number))]) for number in range(90, 80, -1)),
        *(work.command(on_payments_lapsed, lapse) for lapse in lapses),
    )
    await run_until_nobody_is_left(desk)

    ends = [(await standing(desk, number))[0] for number in range(11, 16)]
    assert set(ends) <= {"SECURED", "REFUSED"}
    still = await waiting(desk)
    assert still <= set(ids([*range(1, 11), *range(16, 36)]))
    assert len(still) == 25 + ends.count("SECURED")
    account = await desk.account(GUARANTOR)
    assert account is not None
    assert (account.reserved, account.free) == (yuan("455.00"), Decimal(0))


class FewAtOnce(Balances):
    """The same room, where one filing is woken at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(guarantee, "WOKEN_AT_ONCE", 1)

    def teardown(self) -> None:
        self.patch.undo()

    @invariant()
    def who_waits_for_what_is_free_is_looked_at_again(self) -> None:
        """Or somebody before it is, and wakes it then."""
        line = [each for each in self.holdings if each.status == "WAITING"]
        orders = {
            (each.declaration_id, each.version) for each, at in self.ledger.deadlines.items() if at == NOW
        }
        if line and not any((each.declaration_id, each.version) in orders for each in line):
            assert [each for each in line if each.tax_total <= self.ledger.accounts[GUARANTOR].free] == []


TestFewAtOnce = FewAtOnce.TestCase
TestFewAtOnce.settings = STEADY
