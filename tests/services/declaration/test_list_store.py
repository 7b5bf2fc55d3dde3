"""Lists of a large table: the same as by hand whatever is asked, and little is read of a party that has rested."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.declaration import list_store, stretches
from services.declaration.list_store import SqlLists
from shared.kernel.ids import uuid7

RESTED, SELDOM = "PLATFORM07", "SELLER0009"
NOON = 1_764_000_000_000
MINUTE, YEAR = 60_000, 365 * 86_400_000
_ID = "(lpad(to_hex({moment}), 12, '0') || '7000' || '8' || lpad(to_hex(i), 15, '0'))::uuid"
_BUSY_TABLE = f"""insert into declarations
  select {_ID.format(moment=f"{NOON} - i::bigint * 1000")}, 1, now(), platform, 'O-' || i,
    array[platform, 'AGENT00001'], '', convert_to(repeat(md5(i::text), 60), 'UTF8')
  from generate_series(8999, 0, -1) i
  cross join lateral (select case when i > 3000 and i % 2 = 0 then '{RESTED}' when i % 3000 = 5 then '{SELDOM}'
    else 'PLATFORM01' end as platform) named"""
_READ = sa.text("select sum(idx_tup_fetch) from pg_stat_xact_user_tables where relname like 'declarations_%'")
_FILE = sa.text("""insert into declarations values
  (cast(:id as uuid), :version, now(), :platform, :order_no, :parties, '', '')""")
_END = sa.text("insert into outcomes values (cast(:id as uuid), :version, :outcome, now(), '', '', '')")


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize(
    "asked", [{"party": RESTED}, {"platform": RESTED}, {"party": RESTED, "platform": RESTED}]
)
async def test_a_page_of_a_large_party_that_has_rested_reads_few_of_its_rows(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], mode: str
) -> None:
    monkeypatch.setattr(list_store, "NEWEST", 200)
    monkeypatch.setattr(stretches, "FEW", 100)
    async with engine.begin() as connection:
        await connection.execute(sa.text(_BUSY_TABLE))
        await connection.execute(sa.text(f"set local plan_cache_mode = {mode}"))
        before = await _rows_read(connection)

        page = await SqlLists(connection).page(asked, 50)

        read = await _rows_read(connection) - before
        assert [row["order_no"] for row in page] == [f"O-{3002 + 2 * place}" for place in range(50)]
        assert read < 2_000, f"{read} of the 3,000 rows of the party, and of the 3,000 newer ones of others"


async def test_a_step_is_never_walked_row_by_row(engine: AsyncEngine) -> None:
    asked = {"party": RESTED, "since": uuid7(NOON - MINUTE, bytes(10)), "before": uuid7(NOON, bytes(10))}
    async with engine.begin() as connection:
        await connection.execute(sa.text("set local enable_bitmapscan = off"))

        plan = await connection.execute(sa.text(f"explain select from {list_store.counted(asked)}"), asked)

        assert "Index Scan using" not in " ".join(row[0] for row in plan)


async def test_a_party_that_files_seldom_is_looked_up_at_once(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_store, "NEWEST", 200)
    async with engine.begin() as connection:
        await connection.execute(sa.text(_BUSY_TABLE))
        before = await _rows_read(connection)

        page = await SqlLists(connection).page({"party": SELDOM}, 50)

        assert [row["order_no"] for row in page] == ["O-5", "O-3005", "O-6005"]
        read = await _rows_read(connection) - before
        assert read < 500, f"{read}, where the newest 200 are counted and read, and then three"


async def test_steps_that_take_too_long_together_end_as_a_statement_would(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_store, "PATIENCE", -1.0)
    monkeypatch.setattr(stretches, "FEW", 100)
    async with engine.begin() as connection:
        await connection.execute(sa.text(_BUSY_TABLE))

        with pytest.raises(TimeoutError, match="within its time"):
            await SqlLists(connection).page({"party": RESTED, "status": "PERMITTED"}, 50)


async def _rows_read(connection: AsyncConnection) -> int:
    return int((await connection.execute(_READ)).scalar_one())


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_asked_a_list_is_the_same_as_by_hand(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(list_store, "NEWEST", chance.choice([1, 5, 20]))
    monkeypatch.setattr(stretches, "FEW", chance.choice([1, 3, 10]))
    monkeypatch.setattr(stretches, "WEEK", chance.choice([1, 100 * MINUTE, stretches.WEEK]))
    stored = _made_up(chance)
    async with engine.begin() as connection:
        await connection.execute(_FILE, stored)
        await connection.execute(_END, [row for row in stored if row["outcome"]])
        for _ in range(120):
            asked, limit = _some_filters(chance, stored), chance.choice([1, 4, 30, 200])

            page = await SqlLists(connection).page(asked, limit)

            shown = [(row["declaration_id"], row["version"], row["status"]) for row in page]
            assert shown == _by_hand(stored, asked)[:limit], (asked, limit)


def _made_up(chance: random.Random) -> list[dict[str, Any]]:
    """Some hundred versions: hours of many, years of none, several in a millisecond, some amended, some ended."""
    made: list[dict[str, Any]] = []
    moment = NOON
    for place in range(150):
        moment -= chance.choice([0, 0, 1, 900, MINUTE, 90 * MINUTE, chance.choice([0, 3 * YEAR])])
        declaration_id = uuid7(moment, chance.randbytes(10))
        parties = sorted(chance.sample(["P1", "P2", "S1", "S2", "S3"], 3))
        for version in range(1, chance.choice([2, 2, 2, 4])):
            row = {"id": declaration_id, "version": version, "platform": parties[0], "parties": parties}
            made.append({**row, "order_no": f"O-{place % 40}", "outcome": ""})
        made[-1]["outcome"] = chance.choice(["", "PERMITTED", "REFUSED", "REVOKED"])
    return made


def _some_filters(chance: random.Random, stored: list[dict[str, Any]]) -> dict[str, str]:
    some = {
        "party": ["P1", "S1", "S3", "NOBODY"],
        "platform": ["P1", "P2", "S1", "NOBODY"],
        "status": ["SUBMITTED", "PERMITTED", "REFUSED", "REVOKED", "CANCELLED"],
        "order_no": ["O-1", "O-99"],
        **{name: [row["id"] for row in stored] for name in ("since", "until", "before")},
    }
    likely = {"party": 0.6, "platform": 0.4, "status": 0.4, "order_no": 0.1}
    return {
        name: chance.choice(values)
        for name, values in some.items()
        if chance.random() < likely.get(name, 0.25)
    }


def _by_hand(stored: list[dict[str, Any]], asked: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """The last version of each that is not narrowed out, newest first."""
    last = {row["id"]: row for row in stored}.values()
    shown = [{**row, "status": row["outcome"] or "SUBMITTED"} for row in last]
    kept = [row for row in shown if all(_is_kept(row, name, value) for name, value in asked.items())]
    return sorted(((row["id"], row["version"], row["status"]) for row in kept), reverse=True)


def _is_kept(row: Mapping[str, Any], name: str, value: str) -> bool:
    if name == "party":
        return value in row["parties"]
    if name == "since":
        return bool(row["id"] >= value)
    return bool(row["id"] < value if name in ("until", "before") else row[name] == value)
