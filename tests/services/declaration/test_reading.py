"""Lists: what they are narrowed to is what they show, and they read little of what is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from itertools import product
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.declaration import list_store, stretches
from services.declaration.reading import Asked, SqlReading, cursor_of
from services.declaration.rows import Summary
from shared.kernel.ids import uuid7
from tests.support.builders import NOW

BUSY, SELDOM = "PLATFORM01", "SELLER0009"
_FILE = sa.text("""insert into declarations values
  (cast(:id as uuid), :version, :at, :platform, :order_no, :parties, :summary, '')""")
_END = sa.text("insert into outcomes values (cast(:id as uuid), :version, :outcome, :at, '', '', :permit_no)")


SUMMARY = msgspec.json.encode(dict.fromkeys(Summary.__struct_fields__, "x"))


def _stored() -> list[dict[str, Any]]:
    """Forty, the oldest first: every tenth names who files seldom, every fourth is refused, some are amended."""
    made = []
    for place in range(40):
        parties = [BUSY, SELDOM] if place % 10 == 0 else [BUSY]
        for version in (1, 2) if place % 7 == 0 else (1,):
            row: dict[str, Any] = {
                "id": uuid7(1_764_000_000_000 + place, bytes([place] * 10)),
                "version": version,
                "at": NOW,
            }
            platform = f"PLATFORM0{1 + place % 2}"
            row |= {
                "platform": platform,
                "order_no": f"O-{place % 20}",
                "parties": sorted({*parties, platform}),
            }
            made.append({**row, "status": "REFUSED" if place % 4 == 0 else "SUBMITTED"})
    return made


STORED = _stored()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as opened:
        for row in STORED:
            await opened.execute(_FILE, {**row, "summary": SUMMARY})
            if row["status"] != "SUBMITTED":
                ended = {"id": row["id"], "version": row["version"], "outcome": row["status"], "at": NOW}
                await opened.execute(_END, {**ended, "permit_no": ""})
        yield opened


def _expected(asked: Mapping[str, Any], limit: int) -> list[tuple[str, int]]:
    """The same by hand: the last version of each, newest first."""
    last = {row["id"]: row for row in STORED}.values()
    kept = [row for row in last if all(_is_kept(row, name, value) for name, value in asked.items())]
    return [(row["id"], row["version"]) for row in sorted(kept, key=lambda row: row["id"], reverse=True)][
        :limit
    ]


def _is_kept(row: Mapping[str, Any], name: str, value: str) -> bool:
    if name == "party":
        return bool(value in row["parties"])
    return bool(row["id"] < value if name == "cursor" else row[name] == value)


ASKED = {
    "party": (None, BUSY, SELDOM, "NOBODY"),
    "order_no": (None, "O-10", "O-99"),
    "status": (None, "REFUSED"),
    "platform": (None, "PLATFORM02", SELDOM),
    "cursor": (None, STORED[25]["id"]),
}


@pytest.mark.parametrize(("newest", "few"), [(3, 2), (3, 500), (20_000, 2)])
async def test_a_list_shows_what_it_is_narrowed_to_wherever_it_is_looked_for(
    connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch, newest: int, few: int
) -> None:
    monkeypatch.setattr(list_store, "NEWEST", newest)
    monkeypatch.setattr(stretches, "FEW", few)
    for values, limit in product(product(*ASKED.values()), (1, 5, 50)):
        asked = {name: value for name, value in zip(ASKED, values, strict=True) if value is not None}
        place = {"cursor": cursor_of(asked["cursor"])} if "cursor" in asked else {}

        page = await SqlReading(connection).page(Asked(**{**asked, **place, "limit": limit}))

        shown = [(row["declaration_id"], row["version"]) for row in page]
        assert shown == _expected(asked, limit), (asked, limit)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"party": SELDOM}, "parties_idx"),
        ({"platform": "PLATFORM02"}, "parties_idx"),
        ({"order_no": "O-10"}, "order_no_idx"),
    ],
)
async def test_what_is_sought_is_looked_up_by_its_index(
    connection: AsyncConnection, asked: dict[str, str], index: str
) -> None:
    looked_up = list_store.sought(list_store.indexed(asked), asked)

    assert index in await _plan(connection, f"{looked_up} limit 50", asked)


async def test_what_ended_without_a_permit_is_looked_up_by_its_index(connection: AsyncConnection) -> None:
    asked = {"status": "REVOKED", "since": STORED[0]["id"], "before": STORED[-1]["id"]}
    looked_up = list_store.sought(list_store.stepped(asked), asked)

    plan = await _plan(connection, f"{looked_up} limit 50", asked)

    assert "outcomes_rest_outcome_declaration_id_idx" in plan


async def _plan(connection: AsyncConnection, asked: str, values: Mapping[str, Any]) -> str:
    await connection.execute(sa.text("set local plan_cache_mode = force_generic_plan"))
    plan = await connection.execute(sa.text(f"explain {asked}"), values)
    return " ".join(row[0] for row in plan)
