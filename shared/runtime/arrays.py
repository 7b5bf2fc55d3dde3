"""Arrays: a batch's rows as one array a column, and the statements that take them.

A statement's text does not depend on the number of rows, so it is planned once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any]
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def columns_of(table: sa.Table, names: Sequence[str], rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows turned into one list a column, as `unnest` takes them."""
    lists = {name: [row[name] for row in rows] for name in names}
    for name in names:
        if isinstance(table.c[name].type, sa.ARRAY):
            lists[name] = [None if value is None else array_text(value) for value in lists[name]]
    return lists


def array_text(values: Sequence[str]) -> str:
    """A list of texts as a PostgreSQL array literal (`unnest` would flatten a nested array)."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def unnest(table: sa.Table, names: Sequence[str]) -> str:
    """`unnest(cast(:a as uuid[]), ...) as given (a, ...)` for the named columns."""
    arrays = ", ".join(f"cast(:{name} as {_array_type(table.c[name].type)})" for name in names)
    return f"unnest({arrays}) as given ({', '.join(names)})"


def _array_type(kind: sa.types.TypeEngine[Any]) -> str:
    if isinstance(kind, sa.ARRAY):
        return "text[]"
    return f"{kind.compile(_DIALECT)}[]"


def _given(table: sa.Table, name: str) -> str:
    kind = table.c[name].type
    return f"given.{name}::{kind.compile(_DIALECT)}" if isinstance(kind, sa.ARRAY) else f"given.{name}"


@cache
def batch_statement(
    table: sa.Table, names: tuple[str, ...], key: tuple[str, ...], kind: str
) -> sa.TextClause:
    """The statement of a kind for a set of columns; its text does not depend on the rows."""
    found = " and ".join(f"{table.name}.{name} = {_given(table, name)}" for name in key)
    others = [name for name in names if name not in key]
    if kind == "delete":
        return sa.text(f"delete from {table.name} using {unnest(table, names)} where {found}")
    if kind == "update":
        sets = ", ".join(f"{name} = {_given(table, name)}" for name in others)
        return sa.text(f"update {table.name} set {sets} from {unnest(table, names)} where {found}")
    values = ", ".join(_given(table, name) for name in names)
    insert = f"insert into {table.name} ({', '.join(names)}) select {values} from {unnest(table, names)}"
    if kind == "missing":
        insert += f" on conflict ({', '.join(key)}) do nothing"
    if kind == "upsert":
        sets = ", ".join(f"{name} = excluded.{name}" for name in others)
        insert += f" on conflict ({', '.join(key)}) do update set {sets}"
    return sa.text(insert)
