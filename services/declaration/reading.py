"""Reading: what callers ask of declarations.

Newest first, by id: a UUIDv7 carries its moment, so a page and a period read one range of the primary key. How a list
is found that is narrowed to a party or an outcome: `list_store.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.declaration.list_store import SHOWN, STANDS, SqlLists
from services.declaration.rows import read_summary
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import is_uuid, milliseconds_from, moment_of, uuid7
from shared.kernel.refusal import Refusal

_ONE = sa.text(f"select {SHOWN}, d.document from declarations d {STANDS} and d.declaration_id = :id")
_ASKED = """select r.request_id::text as request_id, r.declaration_id::text as declaration_id, r.kind,
    r.based_on_version, r.state, r.requested_at, r.answered_at, r.code, r.detail, r.pointer, r.rule, r.fix,
    r.source, r.reason, r.lines, r.back_by from requests r where r.declaration_id = :id"""
_ANY = sa.text("select exists (select 1 from declarations)")
_REQUEST = sa.text(f"{_ASKED} and r.request_id = :request")
_RETURNS = sa.text(f"{_ASKED} and r.kind = 'return' order by r.requested_at, r.request_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Filters of a list; None asks for all."""

    party: str | None = None
    status: str | None = None
    platform: str | None = None
    order_no: str | None = None
    filed_from: datetime | None = None
    filed_to: datetime | None = None
    cursor: str | None = None
    limit: int = 50

    def values(self) -> dict[str, str]:
        """The filters in force, by name."""
        found = {
            "party": self.party,
            "status": self.status,
            "platform": self.platform,
            "order_no": self.order_no,
            "since": _lowest(self.filed_from),
            "until": _lowest(self.filed_to),
            "before": read_cursor(self.cursor) if self.cursor is not None else None,
        }
        return {name: value for name, value in found.items() if value is not None}


def _lowest(moment: datetime | None) -> str | None:
    """The lowest id that does not lie before a moment; the 48 bits of its milliseconds hold any date from 1970 on."""
    return None if moment is None else uuid7(max(0, milliseconds_from(moment)), bytes(10))


def cursor_of(declaration_id: str) -> str:
    """The place after a declaration."""
    return base64.urlsafe_b64encode(declaration_id.encode()).decode()


def read_cursor(cursor: str) -> str:
    """The declaration a cursor names."""
    try:
        declaration_id = base64.urlsafe_b64decode(cursor).decode()
    except ValueError:
        declaration_id = ""
    if not is_uuid(declaration_id):
        raise Refusal("E-CURSOR", "this cursor is not ours", status=400, fix="start without a cursor")
    return declaration_id


class SqlReading:
    """Declarations as they are shown, bound to one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def let_go(self) -> None:
        """Give the connection back: what follows is asked of others, one of whom may need it."""
        await self.connection.close()

    async def has_any(self) -> bool:
        """Whether anything was ever filed here."""
        return bool((await self.connection.execute(_ANY)).scalar_one())

    async def page(self, asked: Asked) -> Sequence[Mapping[str, Any]]:
        """A page, newest first."""
        found = await SqlLists(self.connection).page(asked.values(), asked.limit)
        return [_shown(row) for row in found]

    async def one(self, declaration_id: str) -> Mapping[str, Any] | None:
        """The running version of a declaration."""
        row = await self._single(_ONE, {"id": declaration_id})
        return _shown(row) if row is not None else None

    async def request(self, declaration_id: str, request_id: str) -> Mapping[str, Any] | None:
        """A request about a declaration."""
        asked = {"id": declaration_id, "request": request_id}
        row = await self._single(_REQUEST, asked)
        return with_lines(row) if row is not None else None

    async def returns(self, declaration_id: str) -> Sequence[Mapping[str, Any]]:
        """The returns of a declaration, oldest first."""
        found = await self.connection.execute(_RETURNS, {"id": declaration_id})
        return [with_lines(dict(row)) for row in found.mappings().all()]

    async def _single(self, asked: sa.TextClause, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        row = (await self.connection.execute(asked, values)).mappings().one_or_none()
        return dict(row) if row is not None else None


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    columns = {name: value for name, value in row.items() if name != "summary"}
    first = {"first_filed_at": moment_of(row["declaration_id"])}
    return {**columns, **first, **msgspec.structs.asdict(read_summary(row["summary"]))}


def with_lines(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A request with the lines it names, as things."""
    lines = msgspec.json.decode(row["lines"], type=list[ReturnedLine]) if row["lines"] else []
    return {**row, "lines": lines}
