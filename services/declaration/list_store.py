"""List store: the statements that find a page.

What is narrowed to nothing is a page of the primary key. Those of one party are looked for among the newest, where a
busy one's page is full at once. Of one that has few, all are then looked up by their own index, as an order number
is. One that has many and has rested is looked for further and further back, a stretch of time a step; so is what
ended otherwise than by a permit. No step reads more than some hundred rows, whatever is stored. The database would
guess which of these ways is better, and guesses badly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.declaration import stretches
from services.declaration.stretches import Pace

SHOWN = """d.declaration_id::text as declaration_id, d.version, d.filed_at, d.platform, d.order_no,
  d.parties, d.summary,
  coalesce(o.outcome, 'SUBMITTED') as status, coalesce(o.permit_no, '') as permit_no,
  coalesce(o.code, '') as code, coalesce(o.reason, '') as reason"""
STANDS = """left join lateral (
    select outcome, permit_no, code, reason from outcomes
    where outcomes.declaration_id = d.declaration_id order by outcome = 'REVOKED' desc, at desc limit 1) o on true
  where not exists (select 1 from declarations later
    where later.declaration_id = d.declaration_id and later.version > d.version)"""
_CONDITIONS = {
    "party": "d.parties @> array[cast(:party as text)]",
    "status": "coalesce(o.outcome, 'SUBMITTED') = :status",
    "platform": "d.platform = :platform",
    "order_no": "d.order_no = :order_no",
    "since": "d.declaration_id >= cast(:since as uuid)",
    "until": "d.declaration_id < cast(:until as uuid)",
    "before": "d.declaration_id < cast(:before as uuid)",
}
_RANGE = ("since", "until", "before")
_UNUSUAL = {"REFUSED", "CANCELLED", "REVOKED"}
_ENDED = "outcomes d where d.outcome = :status and d.outcome <> 'PERMITTED'"
_STEP = f" and {_CONDITIONS['since']} and {_CONDITIONS['before']}"
# Said in two halves, a range cannot be walked row by row, however busy the database takes the party for: it meets the
# party's own index before any row is read.
_STEP_MET = """ and (d.declaration_id = cast(:since as uuid)
    or d.declaration_id > cast(:since as uuid) and d.declaration_id < cast(:before as uuid))"""
NEWEST = 20_000
"""Versions among which a party's page is looked for first: some 15 ms, and full for whoever files one in 400."""
PATIENCE = 10.0
"""Seconds for all steps together, as a statement has: who seeks few open ones among very many reads them all."""

Rows = list[Mapping[str, Any]]
Values = Mapping[str, str]


class SqlLists:
    """Pages of declarations as the tables have them, bound to one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def page(self, values: Values, limit: int) -> Rows:
        """A page, newest first."""
        if "order_no" in values:
            return await self._page(sought(indexed(values), values), values, limit)
        if _is_usual(values):
            found = await self._page(_first(values), {**values, "newest": NEWEST}, limit)
            if len(found) == limit or not indexed(values):
                return found
        if indexed(values) and await self._count(all_of(values), values) <= stretches.FEW:
            return await self._page(sought(indexed(values), values), values, limit)
        return await self._looked_back(values, limit)

    async def _looked_back(self, values: Values, limit: int) -> Rows:
        """A stretch of time a step, until the page is full or nothing older is stored."""
        found: Rows = []
        beginning, before = stretches.bounds_of(values)
        within = {**values, "since": beginning, "before": before}
        pace, late = await self._pace(within), _now() + PATIENCE
        while len(found) < limit and (last := await self._last({**within, "before": before})):
            since = max(beginning, pace.start(last))
            step = {**within, "since": since, "before": before}
            among = await self._count(counted(values), step)
            fits = not pace.is_too_much(among)
            if fits and among:
                found += await self._page(sought(stepped(values), step), step, limit - len(found))
            before = since if fits else before
            pace = pace.following(among)
            _check(late)
        return found

    async def _pace(self, values: Values) -> Pace:
        """As long as the newest have taken: some times what was looked at first, or half of what is read at once."""
        skipped, longest = stretches.FEW // 8, stretches.EVER
        if _is_usual(values):
            skipped, longest = NEWEST, stretches.WEEK
        return Pace.of(await self._last(values), await self._last(values, skipped), longest)

    async def _last(self, values: Values, skipped: int = 0) -> str | None:
        """The newest that is stored within bounds, of whichever party, or the one that so many lie above."""
        found = await self.connection.execute(sa.text(_newest_of(values)), {**values, "skipped": skipped})
        return found.scalar()

    async def _count(self, counted: str, values: Values) -> int:
        """How many there are, as far as it matters."""
        asked = sa.text(f"select count(*) from (select from {counted} limit :most) n")
        found = await self.connection.execute(asked, {**values, "most": stretches.FEW + 1})
        return int(found.scalar_one())

    async def _page(self, asked: str, values: Mapping[str, object], limit: int) -> Rows:
        page = sa.text(f"{asked} order by d.declaration_id desc limit :count")
        found = await self.connection.execute(page, {**values, "count": limit})
        return [dict(row) for row in found.mappings().all()]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _check(late: float) -> None:
    if _now() > late:
        raise TimeoutError("a list was not found within its time")


def _is_usual(values: Values) -> bool:
    return values.get("status") not in _UNUSUAL


def _where(names: Iterable[str]) -> str:
    return "".join(f" and {_CONDITIONS[name]}" for name in names)


def _first(values: Values) -> str:
    """Of a party, the newest versions in the range: down to the id that so many lie above, or to the lowest there
    can be."""
    asked = f"select {SHOWN} from declarations d {STANDS}{_where(values)}"
    if not indexed(values):
        return asked
    within = _where(name for name in _RANGE if name in values)
    return f"""{asked} and d.declaration_id >= coalesce((select declaration_id from declarations d
      where true{within} order by declaration_id desc offset :newest limit 1), '{UUID(int=0)}')"""


def indexed(values: Values) -> str:
    """By the index of what is sought; in one condition, for of two it is thought that hardly a row meets both.

    A platform is always among the parties (`parties_of`), whatever else it may be.
    """
    if "order_no" in values:
        return _where(["order_no"])
    codes = {values[name]: f"cast(:{name} as text)" for name in ("party", "platform") if name in values}
    return f" and d.parties @> array[{', '.join(codes.values())}]" if codes else ""


def all_of(values: Values) -> str:
    """Whatever names a party, in no order and of any time: as many rows are read as are found."""
    return f"declarations d where true{indexed(values)}"


def counted(values: Values) -> str:
    """What a step reads: of the party's versions, or of what ended as is asked."""
    return f"{all_of(values)}{_STEP_MET}" if _is_usual(values) else f"{_ENDED}{_STEP}"


def stepped(values: Values) -> str:
    """By the indexes that a step goes by."""
    if _is_usual(values):
        return f"{indexed(values)}{_STEP_MET}"
    return f"{_STEP} and d.declaration_id = any(array(select d.declaration_id from {_ENDED}{_STEP}))"


def _newest_of(values: Values) -> str:
    stored = "declarations d where true" if _is_usual(values) else _ENDED
    return f"""select d.declaration_id::text from {stored}{_STEP}
      order by d.declaration_id desc offset :skipped limit 1"""


def sought(named: str, values: Values) -> str:
    """By the index of what is sought: an order and a limit beside it tempt the database to read all the others."""
    return f"""with named as materialized (
      select declaration_id, version, filed_at, platform, order_no, parties, summary from declarations d
      where true{named}) select {SHOWN} from named d {STANDS}{_where(values)}"""
