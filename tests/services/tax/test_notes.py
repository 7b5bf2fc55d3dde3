"""Notes: a buyer's year of sugar and rice, exact whatever comes, and no cost to anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.tax.law.force import law
from services.tax.note_store import notes_of
from services.tax.notes import Noted, NoteKey, YearNote, note_keys
from shared.contracts.declaration import DeclarationSubmitted
from shared.contracts.tax import TaxAssessed
from shared.kernel.goods import GoodsLine
from tests.services.tax.cases import a_cancellation, a_filing, a_line, a_permit, a_refusal, assessed, back
from tests.services.tax.desks import Desk, MemoryDesk, SqlDesk, hear, pay
from tests.support.builders import NOW, a_declaration_submitted
from tests.support.statements import before_every_statement

BUYER = a_declaration_submitted().buyer
SUGAR = NoteKey(BUYER, 2025, "1701", "kg")


def sugar(grams: str) -> GoodsLine:
    """A line of sugar, by its statutory quantity."""
    return a_line("30.00", "1701990000", first_quantity=Decimal(grams), first_unit="g")


async def codes(desk: Desk, *filings: DeclarationSubmitted) -> list[str]:
    said = await hear(desk, *filings)
    return [event.gate.code for event in said if isinstance(event, TaxAssessed)]


async def year(desk: Desk, key: NoteKey = SUGAR) -> tuple[Decimal, Decimal]:
    """Reserved and used."""
    if isinstance(desk, MemoryDesk):
        note = desk.ledger.notes[key]
    else:
        assert isinstance(desk, SqlDesk)
        async with desk.engine.connect() as connection:
            note = (await notes_of(connection, key.buyer, key.year))[key]
    return note.reserved, note.used


async def test_what_other_orders_of_the_year_had_counts(desk: Desk) -> None:
    await pay(desk, "1000.00")

    said = await codes(
        desk, *(a_filing(sugar(grams), number=n) for n, grams in enumerate(("1200", "800.00001", "800"), 1))
    )

    assert said == ["SECURED", "E-LIST-NOTE", "SECURED"]
    assert await year(desk) == (Decimal(2), Decimal(0))
    refused = (await desk.kept(2))[0]
    assert refused.working.fault is not None
    assert "0 used, 1.2 reserved, 0.8 left for 2025" in refused.working.fault.detail
    assert refused.working.fault.fix == "order at most 0.8 kg, or file from 2026-01-01 (Asia/Shanghai) on"


@pytest.mark.parametrize("ends", [a_refusal, a_cancellation])
async def test_what_ends_without_a_permit_gives_its_sugar_back(
    desk: Desk, ends: Callable[[int], Any]
) -> None:
    await pay(desk, "1000.00")
    await hear(desk, a_filing(sugar("2000")))

    await hear(desk, ends(1))

    assert await year(desk) == (Decimal(0), Decimal(0))
    assert await codes(desk, a_filing(sugar("2000"), number=2)) == ["SECURED"]


async def test_a_permit_uses_the_sugar_of_the_year(desk: Desk) -> None:
    await pay(desk, "1000.00")
    await hear(desk, a_filing(sugar("1500.5")))

    await hear(desk, a_permit(1))

    assert await year(desk) == (Decimal(0), Decimal("1.5005"))
    assert await codes(desk, a_filing(sugar("500"), number=2)) == ["E-LIST-NOTE"]


async def test_sugar_that_is_returned_may_be_ordered_again(desk: Desk) -> None:
    await pay(desk, "1000.00")
    await hear(desk, a_filing(a_line("30.00"), sugar("1000"), sugar("500")))
    await hear(desk, a_permit(1))

    await hear(desk, back((2, "1", "3"), (3, "3", "3")))

    assert await year(desk) == (Decimal(0), Decimal("0.66666667"))
    await hear(desk, back((1, "1", "1"), (2, "2", "3"), request=72))
    assert await year(desk) == (Decimal(0), Decimal(0))
    assert await codes(desk, a_filing(sugar("2000"), number=2)) == ["SECURED"]


async def test_goods_that_return_without_a_note_touch_no_year(desk: Desk) -> None:
    await pay(desk, "1000.00")
    await hear(desk, a_filing(a_line("30.00"), sugar("1000")))
    await hear(desk, a_permit(1))

    await hear(desk, back((1, "1", "1")))

    assert await year(desk) == (Decimal(0), Decimal(1))


async def test_an_amendment_gives_back_before_it_asks(desk: Desk) -> None:
    await pay(desk, "1000.00")
    await hear(desk, a_filing(sugar("2000")))

    said = await codes(desk, a_filing(sugar("1900"), version=2))
    plain = await codes(desk, a_filing(a_line("30.00"), version=3))

    assert (said, plain) == (["SECURED"], ["SECURED"])
    assert await year(desk) == (Decimal(0), Decimal(0))


async def test_the_year_of_shanghai_and_each_kind_of_goods_count_apart(desk: Desk) -> None:
    await pay(desk, "1000.00")
    rice = a_line("30.00", "1006309000", first_quantity=Decimal(20), first_unit="kg")
    next_year = datetime(2025, 12, 31, 16, tzinfo=UTC)

    said = await codes(
        desk,
        a_filing(sugar("2000"), rice, number=1),
        a_filing(sugar("2000"), number=2, filed_at=next_year - timedelta(seconds=1)),
        a_filing(sugar("2000"), number=3, filed_at=next_year),
    )

    assert said == ["SECURED", "E-LIST-NOTE", "SECURED"]
    assert await year(desk, NoteKey(BUYER, 2025, "1006", "kg")) == (Decimal(20), Decimal(0))
    assert await year(desk, NoteKey(BUYER, 2026, "1701", "kg")) == (Decimal(2), Decimal(0))


def test_noted_goods_that_state_no_such_quantity_are_refused() -> None:
    made = assessed(a_filing(a_line("30.00", "1701990000")))

    assert made.working.fault is not None
    assert (made.gate.code, made.working.fault.rule) == ("E-LIST-NOTE", "must_state_the_noted_quantity")
    assert made.working.fault.fix == "state the first or second statutory quantity in kg"


async def test_two_hundred_parallel_filings_of_one_buyer_stop_exactly_at_the_note(
    tax_engine: AsyncEngine,
) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "10000.00")

    said = await asyncio.gather(*(codes(desk, a_filing(sugar("100"), number=n)) for n in range(200)))

    flat = [code for batch in said for code in batch]
    assert (flat.count("SECURED"), flat.count("E-LIST-NOTE")) == (20, 180)
    assert await year(desk) == (Decimal(2), Decimal(0))


async def test_goods_without_a_note_run_not_one_statement_more(tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "1000.00")
    asked: list[str] = []

    with before_every_statement(tax_engine, asked.append):
        await hear(desk, a_filing(a_line("30.00")), a_filing(a_line("40.00"), number=2))
        plain = [each for each in asked if "year_notes" in each]
        asked.clear()
        await hear(desk, a_filing(sugar("10"), number=3))

    assert plain == []
    assert sum("year_notes" in each for each in asked) == 3


async def test_the_database_itself_refuses_less_than_nothing(tax_engine: AsyncEngine) -> None:
    desk = SqlDesk(tax_engine)
    await pay(desk, "1000.00")
    await hear(desk, a_filing(sugar("10")))

    with pytest.raises(IntegrityError, match="year_notes_add_up"):
        async with tax_engine.begin() as connection:
            await connection.execute(sa.text("update year_notes set used = -0.1"))


def test_more_than_is_there_can_never_be_taken_back() -> None:
    with pytest.raises(ValueError, match="would become negative"):
        YearNote(key=SUGAR, reserved=Decimal(1)).moved(reserved=Decimal(-2))


def test_only_noted_goods_have_a_year_of_their_own() -> None:
    china = law().china

    assert note_keys([a_filing(a_line("30.00")), a_filing(a_line("1.00", "2402200000"))], china) == set()
    assert note_keys([a_filing(sugar("1"), a_line("30.00"))], china) == {SUGAR}
    assert Noted(goods="1701", unit="kg", quantity=Decimal(1)).key(BUYER, 2025) == SUGAR
    assert NOW.year == 2025
