"""What a batch costs: the same number of statements, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from services.logistics.store import SqlConsignments
from tests.services.logistics.words import filed
from tests.support.builders import a_declaration_id


@contextmanager
def counted(desk: SqlConsignments) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement.split(maxsplit=3)[2])

    engine = desk.connection.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


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
