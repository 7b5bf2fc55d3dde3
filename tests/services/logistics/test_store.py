"""What a batch costs: the same number of statements, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.logistics.store import SqlConsignments
from tests.services.logistics.words import filed
from tests.support.builders import a_declaration_id
from tests.support.statements import before_every_statement


@contextmanager
def counted(desk: SqlConsignments) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    statements: list[str] = []
    with before_every_statement(desk.connection.engine, statements.append):
        yield statements


def wishes(first: int, count: int, arrival: str) -> list[dict[str, Any]]:
    return [
        {"declaration_id": a_declaration_id(number), "waybill_no": f"W-{number}", "arrival": arrival}
        for number in range(first, first + count)
    ]


async def test_a_batch_before_arrival_takes_three_statements_whatever_its_size(
    sql_desk: SqlConsignments,
) -> None:
    for first, count in ((1, 2), (100, 300)):
        with counted(sql_desk) as statements:
            await filed(sql_desk, *wishes(first, count, "pre_arrival"))

        assert len(statements) == 3


async def test_a_batch_on_site_takes_one_more_for_its_deadlines(sql_desk: SqlConsignments) -> None:
    with counted(sql_desk) as statements:
        await filed(sql_desk, *wishes(1, 50, "on_site"))

    assert len(statements) == 4
