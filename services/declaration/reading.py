"""Reading: what callers ask of declarations.

Newest first, by id: a UUIDv7 carries its moment, so a page and a period read one range of the primary key. Those of
one party, or refused, are looked for among the newest first, where a busy one's page is full at once; what is seldom
is then looked up by its own index, as an order number is. The database would guess which of the two ways is better,
and guesses badly.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.declaration.rows import read_summary
from shared.kernel.goods import ReturnedLine
from shared.kernel.ids import is_uuid, milliseconds_from, moment_of, uuid7
from shared.kernel.refusal import Refusal

_SHOWN = """d.declaration_id::text as declaration_id, d.version, d.filed_at, d.platform, d.order_no,
  d.parties, d.summary,
  coalesce(o.outcome, 'SUBMITTED') as status, coalesce(o.permit_no, '') as permit_no,
  coalesce(o.code, '') as code, coalesce(o.reason, '') as reason"""
_STANDS = """left join lateral (
    select outcome, permit_no, code, reason from outcomes
    where outcomes.declaration_id = d.declaration_id order by outcome = 'REVOKED' desc, at desc limit 1) o on true
  where not exists (select 1 from declarations later
    where later.declaration_id = d.declaration_id and later.version > d.version)"""
_LATEST = f"from declarations d {_STANDS}"
_ONE = sa.text(f"select {_SHOWN}, d.document {_LATEST} and d.declaration_id = :id")
_ASKED = """select r.request_id::text as request_id, r.declaration_id::text as declaration_id, r.kind,
    r.based_on_version, r.state, r.requested_at, r.answered_at, r.code, r.detail, r.pointer, r.rule, r.fix,
    r.source, r.reason, r.lines, r.back_by from requests r where r.declaration_id = :id"""
_REQUEST = sa.text(f"{_ASKED} and r.request_id = :request")
_RETURNS = sa.text(f"{_ASKED} and r.kind = 'return' order by r.requested_at, r.request_id")
_CONDITIONS = {
    "party": "d.parties @> array[cast(:party as text)]",
    "status": "coalesce(o.outcome, 'SUBMITTED') = :status",
    "platform": "d.platform = :platform",
    "order_no": "d.order_no = :order_no",
    "since": "d.declaration_id >= cast(:since as uuid)",
    "until": "d.declaration_id < cast(:until as uuid)",
    "before": "d.declaration_id < cast(:before as uuid)",
}
_INDEXED = ("party", "order_no")
_RANGE = ("since", "until", "before")
_UNUSUAL = {"REFUSED", "CANCELLED", "REVOKED"}
_ENDED = """ and d.declaration_id in (
    select declaration_id from outcomes where outcome = :status and outcome <> 'PERMITTED')"""
NEWEST = 20_000
"""Versions among which a party's page is looked for first: some 15 ms, and full for whoever files one in 400."""


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

    async def page(self, asked: Asked) -> Sequence[Mapping[str, Any]]:
        """A page, newest first."""
        values = asked.values()
        if values.keys().isdisjoint(_INDEXED) and values.get("status") not in _UNUSUAL:
            return await self._page(_all(values), values, asked.limit)
        if "order_no" not in values:
            found = await self._page(_newest(values), {**values, "newest": NEWEST}, asked.limit)
            if len(found) == asked.limit:
                return found
        return await self._page(_sought(values), values, asked.limit)

    async def _page(
        self, asked: str, values: Mapping[str, object], limit: int
    ) -> Sequence[Mapping[str, Any]]:
        page = sa.text(f"{asked} order by d.declaration_id desc limit :count")
        found = await self.connection.execute(page, {**values, "count": limit})
        return [_shown(dict(row)) for row in found.mappings().all()]

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


def _where(names: Iterable[str]) -> str:
    return "".join(f" and {_CONDITIONS[name]}" for name in names)


def _all(values: Mapping[str, str]) -> str:
    return f"select {_SHOWN} {_LATEST}{_where(values)}"


def _newest(values: Mapping[str, str]) -> str:
    """Of the newest versions in the range: down to the id that so many lie above, or to the lowest there can be."""
    within = _where(name for name in _RANGE if name in values)
    return f"""{_all(values)} and d.declaration_id >= coalesce((select declaration_id from declarations d
      where true{within} order by declaration_id desc offset :newest limit 1), '{UUID(int=0)}')"""


def _sought(values: Mapping[str, str]) -> str:
    """By the index of what is sought: an order and a limit beside it tempt the database to read all the others."""
    first = [name for name in values if name in (*_INDEXED, *_RANGE)]
    named = _where(first) + (_ENDED if values.get("status") in _UNUSUAL else "")
    rest = _where(name for name in values if name not in first)
    return f"""with named as materialized (
      select declaration_id, version, filed_at, platform, order_no, parties, summary from declarations d
      where true{named} order by declaration_id desc) select {_SHOWN} from named d {_STANDS}{rest}"""


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    columns = {name: value for name, value in row.items() if name != "summary"}
    first = {"first_filed_at": moment_of(row["declaration_id"])}
    return {**columns, **first, **msgspec.structs.asdict(read_summary(row["summary"]))}


def with_lines(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A request with the lines it names, as things."""
    lines = msgspec.json.decode(row["lines"], type=list[ReturnedLine]) if row["lines"] else []
    return {**row, "lines": lines}
