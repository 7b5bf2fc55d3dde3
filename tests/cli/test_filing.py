"""Filing in bulk: every order answered once, whatever breaks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice

import pytest

from cli.faults import Away
from cli.up.filing import (
    BATCH_BYTES,
    BATCH_LINES,
    DoorAnswer,
    FilingDesk,
    answer_of,
    batches_of,
    field_in,
    rows_in,
)
from cli.up.reading import Reader
from sandbox.importer import Filing, Run, filings
from sandbox.parties import client_of
from sandbox.real import read_orders
from tests.cli.fake_window import FakeWindow, broken, busy, lost_by

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def some() -> list[Filing]:
    return list(islice(filings(read_orders(), Run(seed="1", now=NOW)), 60))


async def file_all(window: FakeWindow, some: Sequence[Filing]) -> list[DoorAnswer]:
    told: list[DoorAnswer] = []
    async with window.link() as link:
        reader = Reader(link, client_of("OPERATOR01"), NOW)
        await FilingDesk(link, reader, told.extend).file_all(batches_of(some))
    return told


def test_batches_hold_one_platform_and_stay_small(some: list[Filing]) -> None:
    made = list(batches_of(some))

    assert sorted(filing.key for batch in made for filing in batch.filings) == sorted(one.key for one in some)
    assert all(len({filing.key[0] for filing in batch.filings}) == 1 for batch in made)
    assert all(len(batch.filings) <= BATCH_LINES and len(batch.body) <= BATCH_BYTES for batch in made)


async def test_every_order_is_answered_and_declared_once(some: list[Filing]) -> None:
    window = FakeWindow()

    told = await file_all(window, some)

    assert sorted(answer.key for answer in told) == sorted(filing.key for filing in some)
    assert len(window.keys()) == len(set(window.keys())) == sum(answer.is_accepted for answer in told)


async def test_what_the_door_refuses_is_refused_by_field(some: list[Filing]) -> None:
    told = await file_all(FakeWindow(), some)

    refused = [answer.standing() for answer in told if not answer.is_accepted]
    assert refused
    assert all(standing is not None and standing.codes == ("E-FMT-SCHEMA quantity",) for standing in refused)


async def test_busy_and_broken_are_met_with_the_same_content_again(some: list[Filing]) -> None:
    window = FakeWindow()
    window.fates = [busy, broken]

    told = await file_all(window, some)

    assert sorted(answer.key for answer in told) == sorted(filing.key for filing in some)
    assert len(window.keys()) == len(set(window.keys()))


async def test_a_lost_answer_makes_no_second_declaration(some: list[Filing]) -> None:
    window = FakeWindow()
    window.fates = [lost_by(window)]

    told = await file_all(window, some)

    assert sorted(answer.key for answer in told) == sorted(filing.key for filing in some)
    assert len(window.keys()) == len(set(window.keys()))


async def test_patience_ends() -> None:
    window = FakeWindow()
    window.fates = [busy] * 50

    async with window.link(patience=0.0) as link:
        with pytest.raises(Away):
            await link.call(client_of("OPERATOR01"), "GET", "/v1/declarations")


async def test_all_pages_of_the_list_are_read(some: list[Filing]) -> None:
    window = FakeWindow()
    await file_all(window, some)

    async with window.link() as link:
        look = await Reader(link, client_of("OPERATOR01"), NOW).look()

    assert len(look.rows) == len(window.declared)
    assert look.settled == 0


def test_a_line_that_was_cut_off_is_no_answer() -> None:
    assert rows_in(b'{"status": 202}\n{"sta') == [{"status": 202}]


def test_a_problem_without_errors_is_told_by_its_code() -> None:
    answer = answer_of(("P", "1"), {"status": 413, "problem": {"code": "E-TOO-LARGE"}})

    assert answer.codes == ("E-TOO-LARGE",)


@pytest.mark.parametrize(
    ("pointer", "field"), [("/order/lines/0/quantity", "quantity"), ("/list/lines/3", "lines"), ("", "")]
)
def test_a_pointer_ends_in_a_field(pointer: str, field: str) -> None:
    assert field_in(pointer) == field
